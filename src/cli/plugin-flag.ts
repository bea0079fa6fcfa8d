/** `--plugin FILE`, which every command takes, and `plugin` in a configuration file. */
import { ArcletError, refuse } from "../foundation/errors.ts";

const FLAG = "--plugin";

/** For help. */
export const PLUGIN_OPTION = [
  `${FLAG} <file>`,
  "load methods, encoders and more from a module of your own; may be repeated (docs/method.md)",
] as const;

/**
 * Takes the plug-ins out of a command line.
 *
 * @throws ArcletError when the flag has no file
 */
export function takePlugins(args: readonly string[]): { args: string[]; plugins: string[] } {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const rest: string[] = [];
  const plugins: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    const path = word === FLAG ? (i + 1 < end ? args[++i]! : "") : word.slice(FLAG.length + 1);
    if (i >= end || (word !== FLAG && !word.startsWith(`${FLAG}=`))) rest.push(word);
    else if (path === "" || path.startsWith("-"))
      throw new ArcletError({ where: FLAG, code: "missing", problem: "must name a file" });
    else plugins.push(path);
  }
  return { args: rest, plugins };
}

/** Takes the plug-ins out of a file's values. @throws ArcletError when the key holds anything but paths */
export function pluginsInFile<F extends { path: string; values: Record<string, unknown> }>(
  file: F,
): { file: F; plugins: string[] } {
  const { plugin = [], ...values } = file.values;
  const plugins = typeof plugin === "string" ? [plugin] : plugin;
  if (!Array.isArray(plugins) || plugins.some((path) => typeof path !== "string" || path === ""))
    refuse(file.path, "plugin", "a path, or a list of paths", plugin);
  return { file: { ...file, values }, plugins };
}

/** Loads plug-ins; without any, the loader isn't imported. @throws ArcletError as `loadPlugins` */
export async function load(plugins: readonly string[]): Promise<void> {
  if (plugins.length > 0) await (await import("../plugins/load.ts")).loadPlugins(plugins);
}
