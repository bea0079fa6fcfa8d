/** The loaded plug-ins: files outside Arclet that add methods, encoders and the like to its own. */
import { z } from "zod";
import { refuse } from "./errors.ts";

/** A plug-in as runs and models record it. */
export const pluginFile = z.strictObject({
  /** The plug-in's own name. */
  name: z.string().min(1),
  /** As it was given. */
  path: z.string().min(1),
  /** SHA-256 of the file, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type PluginFile = Readonly<z.output<typeof pluginFile>>;

const loaded: PluginFile[] = [];

/** In the order in which they were loaded. */
export const loadedPlugins = (): readonly PluginFile[] => loaded;

/** @throws ArcletError when another plug-in of that name is loaded */
export function addPlugin(plugin: PluginFile): void {
  const other = loaded.find(({ name }) => name === plugin.name);
  if (other !== undefined) refuse(plugin.path, "name", `different from that of ${other.path}`, plugin.name);
  loaded.push(plugin);
}

/** The plug-ins that entries came from (undefined for Arclet's own entries), each once, in order. */
export const plugInsOf = (origins: readonly (PluginFile | undefined)[]): PluginFile[] => [
  ...new Set(origins.filter((origin) => origin !== undefined)),
];

/**
 * Refuses to continue without the plug-ins that a run or a model needs.
 *
 * @param where the run's folder, or the model's file
 * @throws ArcletError naming the first that is not loaded and the flag that loads it
 */
export function refuseMissingPlugins(where: string, needed: readonly PluginFile[]): void {
  for (const { name, path } of needed)
    if (!loaded.some((plugin) => plugin.name === name))
      refuse(where, `plug-in ${name}`, `loaded: --plugin ${path}`, undefined);
}

/**
 * Refuses plug-ins whose file has changed since a run was trained.
 *
 * @throws ArcletError naming the first that is not loaded or has changed
 */
export function refuseChangedPlugins(where: string, needed: readonly PluginFile[]): void {
  refuseMissingPlugins(where, needed);
  const [first] = changedPlugins(needed);
  if (first === undefined) return;
  const { was, now } = first;
  const must = `the file that it was trained with, of SHA-256 ${short(was)}`;
  refuse(where, `plug-in ${now.name}`, must, `${now.path} of SHA-256 ${short(now)}`);
}

/** A note for each of a model's plug-ins whose file has changed since training. */
export const changedPluginLines = (needed: readonly PluginFile[]): string[] =>
  changedPlugins(needed).map(
    ({ was, now }) =>
      `plug-in ${now.name} (${now.path}) is not the file that it was trained with (${was.path})`,
  );

const changedPlugins = (needed: readonly PluginFile[]): { was: PluginFile; now: PluginFile }[] =>
  needed.flatMap((was) => {
    const now = loaded.find(({ name }) => name === was.name);
    return now === undefined || now.sha256 === was.sha256 ? [] : [{ was, now }];
  });

const short = ({ sha256 }: PluginFile): string => sha256.slice(0, 12);
