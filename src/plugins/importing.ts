/** A plug-in's file as a module: JavaScript as it is, TypeScript by tsx where Node can't read it. */
import { createRequire, register } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { readJson } from "../foundation/files.ts";
import type { Home } from "./resolving.ts";

const SCRIPTS = [".mjs", ".js"];
const TYPED = [".mts", ".ts"];

const own = fileURLToPath(import.meta.url);
let ready = false;

/**
 * @returns the module's exports
 * @throws ArcletError when it is no module, can't be read, or throws while it is loaded
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
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new ArcletError(
      { where: path, line, code: "broken", problem: `throws while it is loaded: ${what}` },
      { cause: error },
    );
  }
}

/** From here on imports of plug-ins are found as `resolving.ts` says. */
function findImports(): void {
  if (ready) return;
  ready = true;
  const suffix = extname(own);
  const data: Home = { rooms: pathToFileURL(`${dirname(dirname(own))}/`).href, suffix };
  register(new URL(`./resolving${suffix}`, import.meta.url), { data });
}

let reading = false;

/** @throws ArcletError when there is no tsx beside the plug-in, nor beside Arclet */
async function readTypeScript(path: string): Promise<void> {
  const native = (process.features as { typescript?: unknown }).typescript;
  // From source Arclet's own TypeScript is read already.
  if (reading || native || TYPED.includes(extname(own))) return;
  const tsx = tsxFrom(resolve(path)) ?? tsxFrom(own);
  if (tsx === undefined)
    throw new ArcletError({
      where: path,
      code: "machine",
      problem: "TypeScript is read by tsx, which is not installed",
      fix: "npm install tsx",
    });
  const { register: begin } = (await import(pathToFileURL(tsx).href)) as { register(): unknown };
  begin();
  reading = true;
}

const manifest = z.object({
  exports: z.object({ "./esm/api": z.object({ import: z.object({ default: z.string() }) }) }),
});

/** The file of tsx's module API that is installed where `from` finds packages. Its CommonJS twin can't register itself. */
function tsxFrom(from: string): string | undefined {
  try {
    const path = createRequire(from).resolve("tsx/package.json");
    const { exports } = manifest.parse(readJson(path));
    return join(dirname(path), exports["./esm/api"].import.default);
  } catch {
    return undefined;
  }
}

/** Where in the file it happened, for the message. */
function lineIn(error: unknown, file: string): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const at = stack.indexOf(`${file}:`);
  const line = at < 0 ? undefined : /^\d+/.exec(stack.slice(at + file.length + 1))?.[0];
  return line === undefined ? undefined : Number(line);
}
