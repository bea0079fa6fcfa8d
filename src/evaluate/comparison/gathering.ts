/** From the scores of runs to what is compared: entries, ensembles, the validators' scores. */

import { ArcletError } from "../../foundation/errors.ts";
import { type PlannedRun, testedOn } from "../../train/comparing/plan.ts";
import { type LabelledRows, positivesOf, readRows } from "../../train/comparing/rows.ts";
import {
  EPOCH_KINDS,
  hasScores,
  type RunScores,
  readRunScores,
  type ScoredRows,
} from "../../train/comparing/scores.ts";
import type { ComparisonSpec, EnsembleSpec } from "../../train/comparing/spec.ts";
import { readRecords } from "../../train/log.ts";
import { ORACLE } from "../../train/oracle.ts";
import { positiveOf } from "../positive.ts";
import { readSharedSeal, type SharedSeal } from "../shared-seal.ts";
import { logOddsOf, meanOf, probabilityOf, stack } from "./ensembles.ts";
import type { Entry } from "./entries.ts";
import type { JudgedEpoch } from "./validators.ts";

/** Everything that tables are made of. */
export interface Comparison {
  spec: ComparisonSpec;
  entries: Entry[];
  positives: Uint8Array;
  positiveClass: string;
  seal: SharedSeal;
  test: LabelledRows;
  failed: { run: PlannedRun; reason: string }[];
  /** Checkpoints with their validators' scores and the truth: by encoder and seed, and by run. */
  judged: { together: JudgedEpoch[][]; apart: JudgedEpoch[][] };
  /** What could not be made, and why. */
  notes: string[];
}

/**
 * Reads what was scored. Runs without scores are listed as failed.
 *
 * @param failures why runs failed, by name
 * @throws ArcletError when nothing was scored, or scores are of other rows than the comparison's
 */
export function gather(
  spec: ComparisonSpec,
  runs: readonly PlannedRun[],
  failures: ReadonlyMap<string, string>,
): Comparison {
  const { out } = spec;
  const seal = readSharedSeal(out);
  if (seal === null)
    throw new ArcletError({
      where: out,
      code: "empty",
      problem: "holds no scores yet (run it without --table-only)",
    });
  const test = readRows(out, "test");
  const positiveClass = test.classes[positiveOf(test.classes, spec.test.positive)]!;
  const ok = runs.filter(({ name, folder }) => !failures.has(name) && hasScores(folder, "test", "chosen"));
  const failed = runs
    .filter((run) => !ok.includes(run))
    .map((run) => ({ run, reason: failures.get(run.name) ?? "is not trained and scored yet" }));
  const entries = ok.flatMap((run) => entriesOf(spec, run, test, positiveClass));
  const { ensembles, notes } = ensemblesOf(spec, runs, ok, entries, positiveClass);
  return {
    spec,
    entries: [...entries, ...ensembles],
    positives: positivesOf(test, positiveClass),
    ...{ positiveClass, seal, test, failed, notes },
    judged: judgedOf(ok),
  };
}

const secondsOf = ({ folder }: PlannedRun): number =>
  readRecords(folder).reduce((sum, { seconds }) => sum + seconds, 0);

function entriesOf(
  spec: ComparisonSpec,
  run: PlannedRun,
  test: LabelledRows,
  positiveClass: string,
): Entry[] {
  const { encoder, row, method, seed, name, folder } = run;
  const seconds = secondsOf(run);
  return EPOCH_KINDS.filter((kind) => hasScores(folder, "test", kind)).map((kind): Entry => {
    const scores = readRunScores(folder, "test", kind);
    refuseOtherRows(folder, scores, test);
    const { epoch, epochs, logits, classes } = scores;
    return {
      ...{ encoder, row, method, seed, kind, epoch, epochs, seconds },
      members: [name],
      marks: marksOf(spec, run, scores),
      scores: probabilityOf(
        { values: logits, classes: classes.length },
        classIndexOf(folder, classes, positiveClass),
      ),
    };
  });
}

/** Marks of a run in which target labels, or the test's images, had a part. */
function marksOf(spec: ComparisonSpec, { method, config }: PlannedRun, { oracle }: RunScores): string[] {
  const seen =
    config.target !== null &&
    testedOn(spec) === config.target &&
    method !== "source-only" &&
    config.targetSplits.includes(spec.test.split);
  return [
    ...(oracle ? [ORACLE] : []),
    ...(method === "target-only" ? ["target labels"] : []),
    ...(seen ? ["test images seen"] : []),
  ];
}

function refuseOtherRows(folder: string, scores: RunScores, rows: LabelledRows): void {
  const { contentHash, split, ids } = rows;
  if (scores.contentHash === contentHash && scores.split === split && scores.rows === ids.length) return;
  throw new ArcletError({
    where: folder,
    code: "conflict",
    problem: `its scores are of ${scores.rows} rows of another ${scores.split} split than ${rows.dataset}'s`,
    fix: "give another --out, or remove its folder scores",
  });
}

function classIndexOf(folder: string, classes: readonly string[], positive: string): number {
  const classIndex = classes.indexOf(positive);
  if (classIndex < 0)
    throw new ArcletError({
      where: folder,
      code: "unknown",
      problem: `knows no class ${positive} (${classes.join(", ")})`,
    });
  return classIndex;
}

/** Several runs' chosen epochs as one finder each. */
function ensemblesOf(
  spec: ComparisonSpec,
  runs: readonly PlannedRun[],
  ok: readonly PlannedRun[],
  entries: readonly Entry[],
  positiveClass: string,
): { ensembles: Entry[]; notes: string[] } {
  const ensembles: Entry[] = [];
  const notes: string[] = [];
  for (const ensemble of spec.ensembles)
    for (const { encoders, rows } of combinations(spec, ensemble)) {
      const members = runs.filter(({ encoder, row }) => encoders.includes(encoder) && rows.includes(row));
      if (members.length < 2) continue;
      const names = { encoder: encoders.join(" + "), row: ensemble.name ?? rows.join(" + ") };
      const missing = members.filter((run) => !ok.includes(run));
      if (missing.length > 0) {
        const runNames = missing.map(({ name }) => name).join(", ");
        notes.push(`${ensemble.by} of ${names.row} with ${names.encoder}: left out, for lack of ${runNames}`);
        continue;
      }
      const chosen = members.map(
        ({ name }) => entries.find((entry) => entry.kind === "chosen" && entry.members[0] === name)!,
      );
      ensembles.push({
        ...names,
        kind: ensemble.by,
        ...{ method: null, seed: null, epoch: null, epochs: null },
        members: members.map(({ name }) => name),
        seconds: chosen.reduce((sum, { seconds }) => sum + seconds, 0),
        marks: [...new Set(chosen.flatMap(({ marks }) => marks))],
        scores:
          ensemble.by === "mean"
            ? meanOf(chosen.map(({ scores }) => scores))
            : stacked(spec.out, members, positiveClass),
      });
    }
  return { ensembles, notes };
}

function combinations(spec: ComparisonSpec, { rows, encoders }: EnsembleSpec) {
  const rowSets = rows === undefined ? Object.keys(spec.methods).map((row) => [row]) : [rows];
  const encoderSets =
    encoders === undefined ? Object.keys(spec.encoders).map((encoder) => [encoder]) : [encoders];
  return encoderSets.flatMap((encoderSet) =>
    rowSets.map((rowSet) => ({ encoders: encoderSet, rows: rowSet })),
  );
}

function stacked(out: string, members: readonly PlannedRun[], positiveClass: string): Float64Array {
  const val = readRows(out, "val");
  const logOdds = (part: ScoredRows) =>
    members.map(({ folder }) => {
      const scores = readRunScores(folder, part, "chosen");
      if (part === "val") refuseOtherRows(folder, scores, val);
      const classIndex = classIndexOf(folder, scores.classes, positiveClass);
      return logOddsOf({ values: scores.logits, classes: scores.classes.length }, classIndex);
    });
  return stack(logOdds("val"), positivesOf(val, positiveClass), logOdds("test"));
}

/** Epochs that might have been chosen, with every validator's score and the truth. */
function judgedOf(ok: readonly PlannedRun[]): Comparison["judged"] {
  const apart: JudgedEpoch[][] = [];
  const together = new Map<string, JudgedEpoch[]>();
  for (const run of ok) {
    const judged = readRecords(run.folder).flatMap(({ selectable, validators }): JudgedEpoch[] => {
      const { [ORACLE]: truth, ...scores } = validators;
      return selectable && truth !== undefined ? [{ scores, truth }] : [];
    });
    const key = JSON.stringify([run.encoder, run.seed]);
    apart.push(judged);
    together.set(key, [...(together.get(key) ?? []), ...judged]);
  }
  return { together: [...together.values()], apart };
}
