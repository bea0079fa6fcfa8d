/** Imports a plug-in's file: JavaScript directly, TypeScript by tsx if Node can't read it. */
import { createRequire, register } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { readJson } from "../foundation/files.ts";
import type { Home } from "./resolving.ts";

const SCRIPTS = [".mjs", ".js"];
const TYPED = [".mts", ".ts"];

const ownFile = fileURLToPath(import.meta.url);
let hooked = false;

/**
 * @returns the module's exports
 * @throws ArcletError when it is not a module, can't be read, or throws while it is loaded
 */
export async function importFile(path: string): Promise<Record<string, unknown>> {
  const suffix = extname(path);
  if (![...SCRIPTS, ...TYPED].includes(suffix))
    refuse("--plugin", "the file", "a module that ends in .mjs, .js, .mts or .ts", path);
  findImports();
  if (TYPED.includes(suffix)) await readTypeScript(path);
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const line = lineIn(error, resolve(path));
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new ArcletError(
      { where: path, line, code: "broken", problem: `throws while it is loaded: ${reason}` },
      { cause: error },
    );
  }
}

/** From now on, imports of plug-ins are resolved by `resolving.ts`. */
function findImports(): void {
  if (hooked) return;
  hooked = true;
  const suffix = extname(ownFile);
  const data: Home = { rooms: pathToFileURL(`${dirname(dirname(ownFile))}/`).href, suffix };
  register(new URL(`./resolving${suffix}`, import.meta.url), { data });
}

let readsTypeScript = false;

/** @throws ArcletError when tsx is installed neither beside the plug-in nor beside Arclet */
async function readTypeScript(path: string): Promise<void> {
  const native = (process.features as { typescript?: unknown }).typescript;
  // When Arclet runs from source, TypeScript is read already.
  if (readsTypeScript || native || TYPED.includes(extname(ownFile))) return;
  const tsx = tsxFrom(resolve(path)) ?? tsxFrom(ownFile);
  if (tsx === undefined)
    throw new ArcletError({
      where: path,
      code: "machine",
      problem: "TypeScript needs tsx, which is not installed",
      fix: "npm install tsx",
    });
  const { register: registerTsx } = (await import(pathToFileURL(tsx).href)) as { register(): unknown };
  registerTsx();
  readsTypeScript = true;
}

const manifest = z.object({
  exports: z.object({ "./esm/api": z.object({ import: z.object({ default: z.string() }) }) }),
});

/** The file of tsx's module API, installed where `from` finds packages. The CommonJS version can't register itself. */
function tsxFrom(from: string): string | undefined {
  try {
    const path = createRequire(from).resolve("tsx/package.json");
    const { exports } = manifest.parse(readJson(path));
    return join(dirname(path), exports["./esm/api"].import.default);
  } catch {
    return undefined;
  }
}

/** The line of the file at which the error was thrown, for the message. */
function lineIn(error: unknown, file: string): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const at = stack.indexOf(`${file}:`);
  const line = at < 0 ? undefined : /^\d+/.exec(stack.slice(at + file.length + 1))?.[0];
  return line === undefined ? undefined : Number(line);
}
