/** Commands whose work divides: the flags that they share, and what these do. */
import type { z } from "zod";
import { type SlurmValues, slurmFields } from "../cluster/config.ts";
import { commandWords } from "../foundation/command-line.ts";
import { refuse } from "../foundation/errors.ts";
import { askedShards } from "../foundation/shards/asked.ts";
import { type AskedShards, type ShardValues, shardFields } from "../foundation/shards/config.ts";
import { type DividedWork, makeDivided, planned } from "../foundation/shards/divided-work.ts";
import { flagOf } from "./options.ts";

/** To be spread into the schema of a command whose work divides. */
export const dividedFields = { ...shardFields, ...slurmFields };

export type DividedValues = ShardValues & SlurmValues;

/** Work that is done as one shard, since its whole would not fit into memory. */
export const UNDIVIDED: AskedShards = { shards: 1, shard: null, mergeOnly: false, keepsFolder: false };

/** A command's values in two parts: its own, and those about shards. */
export function apart<V extends DividedValues>(
  values: V,
): { own: Omit<V, keyof DividedValues>; about: DividedValues } {
  const { shards, shard, merge, on, atMost, slurm, profile, requeue, print, ...own } = values;
  return { own, about: { shards, shard, merge, on, atMost, slurm, profile, requeue, print } };
}

/**
 * Does the work in shards, here, by processes of their own or by Slurm's jobs, if that was asked for.
 *
 * @param work of so many shards
 * @param otherwise what to do if it was not asked for; null to do nothing
 * @returns whether it was done
 * @throws ArcletError as `askedShards`, `makeDivided` and `submit`
 */
export async function divided(
  command: string,
  about: DividedValues,
  work: (asked: AskedShards) => DividedWork | Promise<DividedWork>,
  otherwise: AskedShards | null = null,
): Promise<boolean> {
  const asked = askedShards(command, about);
  const { on, atMost, slurm, profile, print } = about;
  const words = ownWords(commandWords());
  if (on !== "here" && asked !== null && (asked.shard !== null || asked.mergeOnly))
    refuse(command, "--on", `here with --shard or --merge, which ${MAKERS[on]} are given`, on);
  if (on === "slurm") {
    if (asked === null)
      refuse(command, "--shards", "given with --on slurm: how many jobs share the work", null);
    const divisible = await work(asked);
    const { submit } = await import("../cluster/submit.ts");
    const folder = planned(divisible, asked.shards, words);
    const handed = { words, resumes: divisible.resumes ?? false };
    for (const line of await submit(folder, handed, about)) console.log(line);
    return true;
  }
  if (print) refuse(command, "--print", "left out unless --on slurm is given", print);
  if (on === "processes") {
    await byProcesses(work, asked, words, atMost);
    return true;
  }
  // A configuration file may hold these for both.
  if (asked === null && (atMost ?? slurm ?? profile) !== null)
    refuse(command, "--slurm, --profile, --at-most", "left out unless --on slurm is given", "given");
  const wanted = asked ?? otherwise;
  if (wanted === null) return false;
  for (const line of await makeDivided(await work(wanted), wanted, words)) console.log(line);
  return true;
}

const MAKERS = { processes: "the processes", slurm: "Slurm's jobs" } as const;

/** Makes all shards side by side on this machine, as many as are made at a time if nothing says of how many, and joins them. */
async function byProcesses(
  work: (asked: AskedShards) => DividedWork | Promise<DividedWork>,
  asked: AskedShards | null,
  words: readonly string[],
  atMost: number | null,
): Promise<void> {
  const { makeByProcesses, programsHere } = await import("../cluster/processes.ts");
  const all = asked ?? { ...UNDIVIDED, shards: programsHere(atMost) };
  const divisible = await work(all);
  await makeByProcesses(planned(divisible, all.shards, words), words, atMost);
  const joining = { ...all, mergeOnly: true };
  for (const line of await makeDivided(divisible, joining, words)) console.log(line);
}

const ownWords = (words: readonly string[]): string[] => wordsWithout(words, dividedFields);

/** The words of a command line without the flags of these fields, and their values. */
export function wordsWithout(
  words: readonly string[],
  fields: Readonly<Record<string, z.ZodType>>,
): string[] {
  const flags = new Map(
    Object.entries(fields).flatMap(([key, field]): [string, boolean][] => {
      const takesValue = typeof field.parse(undefined) !== "boolean";
      return [flagOf(key), flagOf(key).replace("--", "--no-")].map((flag) => [flag, takesValue]);
    }),
  );
  const own: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const takesValue = flags.get(words[i]!.split("=", 1)[0]!);
    if (takesValue === undefined) own.push(words[i]!);
    else if (takesValue && !words[i]!.includes("=")) i++;
  }
  return own;
}
