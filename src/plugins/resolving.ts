/**
 * Runs in Node's thread of module hooks: how a plug-in's imports are found, wherever its file lies. `arclet/…` is always
 * the Arclet that runs, so that there is one libtorch and one table of methods; zod is ours where the plug-in's folder
 * has none; TypeScript is always an ES module, whatever a package.json says.
 */
import type { InitializeHook, ResolveHook } from "node:module";

export interface Home {
  /** Address of the folder that holds the rooms. */
  rooms: string;
  /** How their files end: `.js`, or `.ts` from source. */
  suffix: string;
}

let home: Home;

export const initialize: InitializeHook<Home> = (data) => {
  home = data;
};

export const resolve: ResolveHook = async (specifier, context, next) => {
  const room = /^arclet\/(\w+)$/.exec(specifier)?.[1];
  if (room !== undefined) return { url: `${home.rooms}${room}/index${home.suffix}`, shortCircuit: true };
  const found = await resolveAny(specifier, context, next);
  return /\.ts$/.test(found.url) ? { ...found, format: "module" } : found;
};

/** As Node finds it; zod that it doesn't find beside Arclet. */
const resolveAny: ResolveHook = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!/^zod(\/|$)/.test(specifier)) throw error;
    return await next(specifier, { ...context, parentURL: home.rooms });
  }
};
