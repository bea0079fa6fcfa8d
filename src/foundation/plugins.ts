/** The plug-ins that are loaded: files outside of Arclet whose methods, encoders and the like are known beside its own. */
import { z } from "zod";
import { refuse } from "./errors.ts";

/** A plug-in as runs and models write it down. */
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

/** @throws ArcletError when another one of that name is loaded */
export function addPlugin(plugin: PluginFile): void {
  const other = loaded.find(({ name }) => name === plugin.name);
  if (other !== undefined) refuse(plugin.path, "name", `another than that of ${other.path}`, plugin.name);
  loaded.push(plugin);
}

/** Each once, in their order: where entries of plug-ins came from, undefined for Arclet's own. */
export const plugInsOf = (origins: readonly (PluginFile | undefined)[]): PluginFile[] => [
  ...new Set(origins.filter((one) => one !== undefined)),
];

/**
 * Refuses to go on without the plug-ins that a run or a model needs.
 *
 * @param where the run's folder, or the model's file
 * @throws ArcletError naming the first that is not loaded, and the flag that loads it
 */
export function refuseMissingPlugins(where: string, needed: readonly PluginFile[]): void {
  for (const { name, path } of needed)
    if (!loaded.some((one) => one.name === name))
      refuse(where, `plug-in ${name}`, `loaded: --plugin ${path}`, undefined);
}

/**
 * Refuses plug-ins whose file is not the one that a run was trained with.
 *
 * @throws ArcletError naming the first that is not loaded, or is another file now
 */
export function refuseChangedPlugins(where: string, needed: readonly PluginFile[]): void {
  refuseMissingPlugins(where, needed);
  const [first] = changedPlugins(needed);
  if (first === undefined) return;
  const { was, now } = first;
  const must = `the file that it was trained with, of SHA-256 ${short(was)}`;
  refuse(where, `plug-in ${now.name}`, must, `${now.path} of SHA-256 ${short(now)}`);
}

/** What a model's plug-ins are to be told of, a line each: files that are others now than in training. */
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
