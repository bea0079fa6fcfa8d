/** Commands whose work divides: the flags that they share, and what these do. */

import { commandWords } from "../foundation/command-line.ts";
import { askedShards } from "../foundation/shards/asked.ts";
import { type AskedShards, type ShardValues, shardFields } from "../foundation/shards/config.ts";
import { type DividedWork, makeDivided } from "../foundation/shards/divided-work.ts";
import { flagOf } from "./options.ts";

/** To be spread into the schema of a command whose work divides. */
export const dividedFields = { ...shardFields };

export type DividedValues = ShardValues;

/** Work that is done as one shard, since its whole would not fit into memory. */
export const UNDIVIDED: AskedShards = { shards: 1, shard: null, mergeOnly: false, keepsFolder: false };

/** A command's values in two parts: its own, and those about shards. */
export function apart<V extends DividedValues>(
  values: V,
): { own: Omit<V, keyof DividedValues>; about: DividedValues } {
  const { shards, shard, merge, ...own } = values;
  return { own, about: { shards, shard, merge } };
}

/**
 * Does the work in shards if that was asked for.
 *
 * @param work of so many shards
 * @param otherwise what to do if it was not asked for; null to do nothing
 * @returns whether it was asked for
 * @throws ArcletError as `askedShards` and `makeDivided`
 */
export async function divided(
  command: string,
  about: DividedValues,
  work: (asked: AskedShards) => DividedWork | Promise<DividedWork>,
  otherwise: AskedShards | null = null,
): Promise<boolean> {
  const asked = askedShards(command, about) ?? otherwise;
  if (asked === null) return false;
  for (const line of await makeDivided(await work(asked), asked, ownWords(commandWords()))) console.log(line);
  return true;
}

/** The words of a command line without those about shards. */
export function ownWords(words: readonly string[]): string[] {
  const own: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const [flag] = words[i]!.split("=", 1) as [string];
    const found = FLAGS.get(flag);
    if (found === undefined) own.push(words[i]!);
    else if (found.takesValue && !words[i]!.includes("=")) i++;
  }
  return own;
}

/** The flags about shards. */
const FLAGS: ReadonlyMap<string, { takesValue: boolean }> = new Map(
  Object.entries(dividedFields).map(([key, field]) => [
    flagOf(key),
    { takesValue: typeof field.parse(undefined) !== "boolean" },
  ]),
);
