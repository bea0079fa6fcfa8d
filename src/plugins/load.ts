/** Loads plug-ins, so that what they bring is known by name. */
import { realpathSync } from "node:fs";
import { methods } from "../adapt/registry.ts";
import { validators } from "../adapt/validators/registry.ts";
import { fileHash } from "../dataset/hash.ts";
import { preprocessings } from "../dataset/views/preprocessing/registry.ts";
import { encoders } from "../encoders/registry.ts";
import { guarded } from "../foundation/files.ts";
import { addPlugin } from "../foundation/plugins.ts";
import type { Named, Registry } from "../foundation/registry.ts";
import { surveys } from "../sky/surveys/registry.ts";
import { type Brought, checkPlugin } from "./contract.ts";
import { importFile } from "./importing.ts";

const loaded = new Map<string, Brought>();

/**
 * Loads files in the order given, each once.
 *
 * @throws ArcletError naming the file that can't be loaded, or the promise that it breaks; earlier files stay loaded
 */
export async function loadPlugins(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const file = guarded(path, () => realpathSync(path));
    if (loaded.has(file)) continue;
    const sha256 = fileHash(path);
    const brought = checkPlugin(path, await importFile(path));
    const origin = { name: brought.name, path, sha256 };
    addPlugin(origin);
    const register = <T extends Named>(registry: Registry<T>, entries: readonly T[]) => {
      for (const entry of entries) registry.register(entry, origin);
    };
    register(methods, brought.methods);
    register(encoders, brought.encoders);
    register(validators, brought.validators);
    register(surveys, brought.surveys);
    register(preprocessings, brought.preprocessings);
    loaded.set(file, brought);
  }
}

/** What the loaded plug-ins brought. */
export const broughtByPlugins = (): readonly Brought[] => [...loaded.values()];
