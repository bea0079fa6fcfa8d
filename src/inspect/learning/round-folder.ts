/**
 * The folder of a round: `rounds/N` in the search's folder, with the grades, settings and commands of its retraining, the run
 * and the scores. `round.json` is written last: a folder without it is of a retraining that failed or was stopped, and nothing
 * of it is taken.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fileHash } from "../../dataset/hash.ts";
import { line } from "../../foundation/command-line.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { guarded, readJson, writeFileWhole } from "../../foundation/files.ts";
import { version } from "../../foundation/version.ts";
import { readRunConfig } from "../../train/run.ts";
import type { Changes } from "../contract.ts";
import { type Finder, readFinder } from "../score-table.ts";
import type { Search } from "../search.ts";
import { writeTrainingGrades } from "./grades.ts";
import { commandsOf, type Plan, RUN_FOLDER, SCORES_FILE, settingsFiles } from "./plan.ts";

const ROUNDS = "rounds";
const ROUND_FILE = "round.json";
const LOG_FILE = "log.txt";
const COMMANDS_FILE = "commands.sh";

const count = z.int().min(0);
const rank = z.number().min(0);
const changes = z.strictObject({
  ...{ scored: count, head: count, fresh: count.nullable(), next: count },
  expected: z.number().min(0).nullable(),
  grades: z.array(
    z.strictObject({
      grade: z.enum(["A", "B", "C", "X"]),
      ...{ objects: count, before: rank.nullable(), after: rank },
    }),
  ),
}) satisfies z.ZodType<Changes>;
const roundInfo = z.strictObject({
  format: z.literal(1),
  arclet: z.string(),
  round: z.int().min(1),
  begun: z.iso.datetime(),
  ended: z.iso.datetime(),
  grader: z.string().min(1),
  graded: count,
  commands: z.array(z.string()),
  /** SHA-256 of scores.csv. */
  scores: z.string().regex(/^[0-9a-f]{64}$/),
  changes,
});
export type RoundInfo = z.output<typeof roundInfo>;

export const roundFolder = (search: string, round: number): string => join(search, ROUNDS, String(round));
export const logOf = (folder: string): string => join(folder, LOG_FILE);

/**
 * Begins the folder of a round: grades as they are now, settings, and the commands. What an earlier try of the same round
 * left is removed.
 *
 * @returns objects whose grades are in it
 * @throws ArcletError when nothing is graded that can be learned from
 */
export async function beginRound(search: Search, plan: Plan, round: number): Promise<number> {
  const folder = roundFolder(search.folder, round);
  if (existsSync(join(folder, ROUND_FILE)))
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: "this round has been learned already",
    });
  guarded(folder, () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  });
  const graded = await writeTrainingGrades(folder, search, plan.lensGrades);
  for (const [name, text] of Object.entries(settingsFiles(plan))) writeFileWhole(join(folder, name), text);
  writeFileWhole(join(folder, COMMANDS_FILE), script(plan, folder, null));
  return graded;
}

/** The round's commands as a shell runs them again, into another folder. */
function script(plan: Plan, folder: string, precision: string | null): string {
  const quoted = (text: string) => line([text]).replace(/^arclet /, "");
  const lines = commandsOf(plan, folder, { out: OUT, precision }).map((words) =>
    line(words)
      .replace(/^arclet/, "$arclet")
      .replaceAll(OUT, '"$out"'),
  );
  return [
    "#!/bin/sh",
    "# Trains and scores again what this round of a search learned, in a folder of your choice:",
    "#   sh commands.sh FOLDER",
    "# The variable ARCLET says how to start Arclet, if it is not on the PATH.",
    "set -e",
    '[ $# -eq 1 ] || { echo "usage: sh commands.sh FOLDER" >&2; exit 2; }',
    'mkdir -p "$1"',
    'out=$(cd "$1" && pwd)',
    'arclet=$ARCLET; [ -n "$arclet" ] || arclet=arclet',
    `cd ${quoted(process.cwd())}`,
    ...lines,
    "",
  ].join("\n");
}
/** Stands for the folder to write to, in words that need no quotes. */
const OUT = "@OUT@";

/**
 * The commands of a round that has been learned, with the precision that its training took: the faster one of then may not be
 * that of another hour. The script says so from now on.
 */
export function learnedCommands(plan: Plan, folder: string): string[][] {
  const run = join(folder, RUN_FOLDER);
  const precision = plan.settings.probe === null ? readRunConfig(run).resolved.precision : null;
  writeFileWhole(join(folder, COMMANDS_FILE), script(plan, folder, precision));
  return commandsOf(plan, folder, { precision });
}

/** The hash of the scores that a round has just made. */
export const unfinishedScores = (folder: string): string => fileHash(join(folder, SCORES_FILE));

/** Ends a round well: from here on its scores are the search's. */
export function endRound(folder: string, made: Omit<RoundInfo, "format" | "arclet" | "scores">): void {
  const scores = unfinishedScores(folder);
  const info: RoundInfo = { format: 1, arclet: version(), ...made, scores };
  writeFileWhole(join(folder, ROUND_FILE), `${JSON.stringify(info, null, 2)}\n`);
}

/**
 * Rounds that ended well, in their order.
 *
 * @throws ArcletError for a file that is not a round's, or of another version
 */
export function learnedRounds(search: string): RoundInfo[] {
  const folder = join(search, ROUNDS);
  if (!existsSync(folder)) return [];
  return guarded(folder, () => readdirSync(folder))
    .filter((name) => /^[1-9]\d*$/.test(name) && existsSync(join(folder, name, ROUND_FILE)))
    .map(Number)
    .sort((a, b) => a - b)
    .map((round) => {
      const path = join(folder, String(round), ROUND_FILE);
      const info = checked(path, roundInfo, readJson(path), { code: "broken" });
      if (info.round !== round) refuse(path, "round", String(round), info.round, "broken");
      return info;
    });
}

/**
 * The scores of a round, as a finder of that name.
 *
 * @throws ArcletError when they have changed since, or are not of the dataset's rows
 */
export async function roundFinder(search: Search, { round, scores }: Pick<RoundInfo, "round" | "scores">) {
  const path = join(roundFolder(search.folder, round), SCORES_FILE);
  const { domain } = search.objects;
  const rows = new Map(domain.ids.map((id, row) => [id, row]));
  const finder: Finder = { ...(await readFinder(path, rows, domain.info.name)), name: `round-${round}` };
  if (finder.sha256 !== scores)
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: "has changed since the round ended",
      fix: `bring it back from a copy, or remove ${roundFolder(search.folder, round)}, whose ranking is then lost`,
    });
  return finder;
}
