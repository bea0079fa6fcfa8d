/**
 * Judges validators by runs that were trained anyway: the rank correlation of each run's last epoch by a validator with the truth.
 *
 *   judge.ts RUNS                       the truth is the oracle's AUROC in each log (`oracle: true` of a comparison)
 *   judge.ts RUNS SCORES TABLE.csv      the truth is the AUROC of SCORES/RUN.csv on the dev rows of real CFHTLS, look-alikes
 *                                       and ordinary objects; RUNS is a folder of runs, SCORES of score tables by their names
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { validators } from "../../src/adapt/validators/registry.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { rankCorrelation } from "../../src/evaluate/rank-correlation.ts";
import { rankScores } from "../../src/evaluate/ranked.ts";
import { auroc } from "../../src/evaluate/ranking.ts";
import { readRecords } from "../../src/train/log.ts";

const [folder, scores, tablePath] = process.argv.slice(2) as [string, string?, string?];

interface Judged {
  name: string;
  validators: Readonly<Record<string, number>>;
  /** By the name of the test. */
  truth: Readonly<Record<string, number>>;
}

/** Whether a row is a positive of a test, a negative of it, or neither. */
const TESTS: Record<string, (candidate: boolean, grade: number) => boolean | null> = {
  "look-alikes": (candidate, grade) => (!candidate ? null : grade >= 2 ? true : grade <= 0.7 ? false : null),
  ordinary: (candidate, grade) => (!candidate ? false : grade >= 1.3 ? true : null),
};

async function truthOf(file: string, table: string): Promise<Record<string, number>> {
  const [{ table: scored }, { table: graded }] = [await readCatalog(file), await readCatalog(table)];
  const scoreOf = new Map(
    scored.column("id").map((id, k) => [String(id), Number(scored.column("score")[k])]),
  );
  const [ids, splits, grades] = ["id", "split", "grade"].map((name) => graded.column(name));
  const aurocOf = (classOf: (typeof TESTS)[string]) => {
    const rows = ids!.flatMap((id, k) => {
      const positive =
        splits![k] === "dev" ? classOf(String(id).startsWith("cand"), Number(grades![k])) : null;
      return positive === null ? [] : [{ score: scoreOf.get(String(id))!, positive }];
    });
    const values = Float64Array.from(rows, ({ score }) => score);
    return auroc(
      rankScores(
        values,
        Uint8Array.from(rows, ({ positive }) => Number(positive)),
      ),
    );
  };
  return Object.fromEntries(Object.entries(TESTS).map(([name, classOf]) => [name, aurocOf(classOf)]));
}

const judged: Judged[] = [];
for (const name of readdirSync(folder).sort()) {
  const table = scores === undefined ? null : join(scores, `${name}.csv`);
  if (!existsSync(join(folder, name, "log.jsonl")) || (table !== null && !existsSync(table))) continue;
  const last = readRecords(join(folder, name)).at(-1)!;
  const truth = table === null ? { oracle: last.validators.oracle! } : await truthOf(table, tablePath!);
  judged.push({ name, validators: last.validators, truth });
}
/** Runs that are compared with each other: of the same kind of training. */
const GROUPS: Record<string, (name: string) => boolean> =
  scores === undefined
    ? { "all runs": () => true }
    : { "not adapted": (name) => !name.endsWith("-adamatch"), adapted: (name) => name.endsWith("-adamatch") };
for (const [group, isOf] of Object.entries(GROUPS)) {
  const runs = judged.filter(({ name }) => isOf(name));
  const tests = Object.keys(runs[0]!.truth);
  console.log(`${group}, ${runs.length} runs\n| validator | ${tests.join(" | ")} |`);
  for (const validator of validators.names) {
    const complete = runs.filter((run) => Number.isFinite(run.validators[validator]));
    if (complete.length < runs.length) continue;
    const values = tests.map((test) =>
      rankCorrelation(
        complete.map((run) => run.validators[validator]!),
        complete.map((run) => run.truth[test]!),
      )?.toFixed(2),
    );
    console.log(`| ${validator} | ${values.join(" | ")} |`);
  }
}
