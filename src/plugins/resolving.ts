/**
 * Resolves a plug-in's imports, wherever its file is; runs in Node's thread of module hooks. `arclet/…` is always the
 * running Arclet, so that there is one libtorch and one table of methods; zod is ours if the plug-in's folder has none;
 * TypeScript is always an ES module, whatever a package.json says.
 */
import type { InitializeHook, ResolveHook } from "node:module";

export interface Home {
  /** URL of the folder that holds the rooms. */
  rooms: string;
  /** Extension of their files: `.js`, or `.ts` from source. */
  suffix: string;
}

/** Node's own format of TypeScript, if Node reads it; tsx reads what is called a module. */
const native = (process.features as { typescript?: unknown }).typescript;
// The types of Node 20 don't have the format.
const TYPESCRIPT = (native ? "module-typescript" : "module") as "module";

let home: Home;

export const initialize: InitializeHook<Home> = (data) => {
  home = data;
};

export const resolve: ResolveHook = async (specifier, context, next) => {
  const room = /^arclet\/(\w+)$/.exec(specifier)?.[1];
  if (room !== undefined) return { url: `${home.rooms}${room}/index${home.suffix}`, shortCircuit: true };
  const resolved = await resolveAny(specifier, context, next);
  return /\.ts$/.test(resolved.url) ? { ...resolved, format: TYPESCRIPT } : resolved;
};

/** As Node resolves it; if Node doesn't find zod, Arclet's zod. */
const resolveAny: ResolveHook = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!/^zod(\/|$)/.test(specifier)) throw error;
    return await next(specifier, { ...context, parentURL: home.rooms });
  }
};
