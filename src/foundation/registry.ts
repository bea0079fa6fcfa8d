/**
 * Entries of one kind by name: Arclet's own, and those that plug-ins add. The same for methods, encoders, validators,
 * surveys and the rest.
 */
import type { FieldPath } from "./errors/data.ts";
import { unknown } from "./errors/unknown.ts";
import { refuse } from "./errors.ts";
import type { PluginFile } from "./plugins.ts";

export interface Named {
  readonly name: string;
}

export interface Registry<T extends Named> {
  /** What messages call an entry, e.g. `method`. */
  readonly noun: string;
  /** In the order of registration. Both lists grow: read them when needed, keep no copy. */
  readonly names: readonly string[];
  readonly list: readonly T[];
  has(name: string): boolean;
  /**
   * @param where what the error begins with: the command or a file; the noun if left out
   * @param field the setting that holds the name
   * @throws ArcletError for an unknown name, suggesting the nearest
   */
  find(name: string, where?: string, field?: string | FieldPath): T;
  /**
   * @param origin the plug-in that adds it
   * @throws ArcletError when the name is taken
   */
  register(entry: T, origin?: PluginFile): void;
  /** The plug-in that added the entry of that name; undefined for Arclet's own and for unknown names. */
  originOf(name: string): PluginFile | undefined;
}

/** @param or what may be given instead of a name, for messages: `a file that ends in .yaml` */
export function registry<T extends Named>(
  noun: string,
  entries: readonly T[],
  { or }: { or?: string } = {},
): Registry<T> {
  const names: string[] = [];
  const list: T[] = [];
  const origins = new Map<string, PluginFile>();
  const self: Registry<T> = {
    noun,
    names,
    list,
    has: (name) => names.includes(name),
    find(name, where = noun, field = "name") {
      const entry = list[names.indexOf(name)];
      if (entry !== undefined) return entry;
      throw unknown(where, field, name, names, { or });
    },
    register(entry, origin) {
      if (names.includes(entry.name)) refuse(noun, "name", "one that is not taken", entry.name);
      names.push(entry.name);
      list.push(entry);
      if (origin !== undefined) origins.set(entry.name, origin);
    },
    originOf: (name) => origins.get(name),
  };
  for (const entry of entries) self.register(entry);
  return self;
}
