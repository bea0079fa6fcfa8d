/** Loads plug-ins, so that what they bring is known by name. */
import { realpathSync } from "node:fs";
import type { z } from "zod";
import { methods } from "../adapt/registry.ts";
import { validators } from "../adapt/validators/registry.ts";
import type { Validator } from "../adapt/validators/validator.ts";
import { fileHash } from "../dataset/hash.ts";
import { preprocessings } from "../dataset/views/preprocessing/registry.ts";
import { encoders } from "../encoders/registry.ts";
import { guarded } from "../foundation/files.ts";
import { addPlugin, type PluginFile } from "../foundation/plugins.ts";
import type { Named, Registry } from "../foundation/registry.ts";
import type { surveySchema } from "../sky/survey.ts";
import { surveys } from "../sky/surveys/registry.ts";
import { type Brought, checkPlugin } from "./contract.ts";
import { importFile } from "./importing.ts";
import type { AnyEncoder, AnyMethod, AnyPreprocessing, Plugin } from "./plugin.ts";

const loaded = new Map<string, Brought>();

/** Makes what a plug-in brings known by name. @param origin its file; none for what a program registers itself */
function register(brought: Brought, origin?: PluginFile): void {
  const each = <T extends Named>(registry: Registry<T>, entries: readonly T[]) => {
    for (const entry of entries) registry.register(entry, origin);
  };
  each(methods, brought.methods);
  each(encoders, brought.encoders);
  each(validators, brought.validators);
  each(surveys, brought.surveys);
  each(preprocessings, brought.preprocessings);
}

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
    register(brought, origin);
    loaded.set(file, brought);
  }
}

/** Registers what a program brings itself, in no file of its own: runs don't record it, and another program must bring it again. */
const registered = (entries: Omit<Plugin, "name">): void =>
  register(checkPlugin("this program", { default: { name: "program", ...entries } }));

/** @throws ArcletError naming the promise that the method breaks, or a name that is taken */
export const registerMethod = (method: AnyMethod): void => registered({ methods: [method] });
/** @throws ArcletError naming the promise that the encoder breaks, or a name that is taken */
export const registerEncoder = (encoder: AnyEncoder): void => registered({ encoders: [encoder] });
/** @throws ArcletError naming the promise that the validator breaks, or a name that is taken */
export const registerValidator = (validator: Validator): void => registered({ validators: [validator] });
/** @throws ArcletError for a value out of range, or a name that is taken */
export const registerSurvey = (survey: z.input<typeof surveySchema>): void =>
  registered({ surveys: [survey] });
/** @throws ArcletError naming the promise that the preprocessing breaks, or a name that is taken */
export const registerPreprocessing = (preprocessing: AnyPreprocessing): void =>
  registered({ preprocessings: [preprocessing] });

/** What the loaded plug-ins brought. */
export const broughtByPlugins = (): readonly Brought[] => [...loaded.values()];
