/** Score tables combined: fitted on graded rows and applied to all. */
import { fileHash } from "../../dataset/hash.ts";
import { commandLine } from "../../foundation/command-line.ts";
import { refuse } from "../../foundation/errors.ts";
import { version } from "../../foundation/version.ts";
import type { Truth } from "../judged.ts";
import type { CombineConfig } from "./config.ts";
import { saysNothing } from "./evidence.ts";
import type { Combination } from "./file.ts";
import { evidenceOf, fitCombination } from "./fit.ts";
import { matchGraded, readGraded } from "./graded.ts";
import { correlationsOf } from "./imputation.ts";
import { type Input, inputsOf } from "./inputs.ts";
import { type JoinedScores, joinTables } from "./joined.ts";
import { type JudgedCombination, judgeCombination } from "./judge.ts";
import { learnedRows } from "./learned.ts";
import { logOdds, shareOf, sigmoid } from "./log-odds.ts";
import { modelsOf } from "./models.ts";
import { onScale, scaleOf } from "./scale.ts";

/** Probabilities of every row at the combination's prevalence. */
export interface Combined {
  readonly joined: JoinedScores;
  readonly names: readonly string[];
  /** (N) */
  readonly probabilities: Float64Array;
  /** Each finder's calibrated probability, NaN where it has no score (M of N). */
  readonly finders: readonly Float64Array[];
  /** Ids of the rows that the combination was fitted on. */
  readonly graded: ReadonlySet<string>;
}

export interface FittedCombination extends Combined {
  readonly combination: Combination;
  readonly judged: JudgedCombination;
  /** 1 for a positive, 0 for a negative, of the graded rows. */
  readonly positives: Uint8Array;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

/**
 * Fits on the graded rows and applies to all.
 *
 * @throws ArcletError as `joinTables`, `readGraded` and `matchGraded`, and for fewer than two tables
 */
export async function combineTables(
  { scores: texts, models, allowLearned, rule, calibration, prevalence, folds, seed }: CombineConfig,
  truth: Truth & { negatives: string },
): Promise<FittedCombination> {
  const inputs = inputsOf(texts);
  if (inputs.length < 2) refuse("combine", "scores", "two tables or more", texts);
  const ofInputs = modelsOf(models ?? [], inputs);
  const joined = await joinTables(inputs);
  const { rows, positives, groups, notes } = matchGraded(truth, await readGraded(truth), inputs, joined);
  const ids = rows.map((row) => joined.ids[row]!);
  const learned = learnedRows(inputs, ids, joined.learned, allowLearned);
  const scaled = joined.scores.map(scaleOf);
  const scales = scaled.map(({ scale }) => scale);
  const all = joined.scores.map((column, k) => column.map((score) => onScale(scales[k]!, score)));
  const correlations = correlationsOf(all);
  const graded = {
    x: all.map((column) => Float64Array.from(rows, (row) => column[row]!)),
    positives,
    groups,
    correlations,
  };
  const options = { rule, calibration, folds, seed };
  const fit = fitCombination(graded, options);
  const judged = await judgeCombination(graded, options);
  const { value, low, high } = { value: judged.auroc.auroc, ...judged.auroc };
  const combination: Combination = {
    version: 1,
    task: "combine",
    asked: rule,
    calibration,
    rule: fit.rule,
    inputs: inputs.map(({ name, path, column }, k) => ({
      ...{ name, file: path, column, sha256: fileHash(path) },
      ...(ofInputs[k]!.length === 0 ? {} : { models: ofInputs[k]! }),
      ...(learned.counts[k] === 0 ? {} : { learned: learned.counts[k]! }),
      scale: scales[k]!,
      evidence: fit.evidence[k]!,
    })),
    correlations,
    prevalence: prevalence ?? fit.share,
    graded: {
      ...{ file: truth.path, sha256: fileHash(truth.path) },
      ...{ positives: truth.positives, negatives: truth.negatives },
      ...{ ids, groups: new Set(groups).size, share: shareOf(positives) },
    },
    ...{ folds, seed, heldOut: { auroc: { value, low, high }, logLoss: judged.logLoss } },
    ...{ command: commandLine(), arclet: version() },
  };
  const said = [
    ...joined.notes,
    ...notes,
    ...learned.notes,
    ...clippedNotes(inputs, scaled),
    ...silentNotes(combination),
  ];
  return { ...applied(combination, joined), combination, judged, positives, notes: said };
}

const clippedNotes = (inputs: readonly Input[], scaled: readonly ReturnType<typeof scaleOf>[]): string[] =>
  inputs.flatMap(({ name }, k) => {
    const { low, high, scale } = scaled[k]!;
    const clip = scale.clip!;
    const at = (count: number, end: number, taken: string) =>
      count === 0 ? [] : [`${count} probabilit${count === 1 ? "y" : "ies"} of exactly ${end} as ${taken}`];
    const ends = [
      ...at(low, 0, clip?.low.toPrecision(3)),
      ...at(high, 1, `1 - ${(1 - clip?.high).toPrecision(3)}`),
    ];
    return ends.length === 0 ? [] : [`${name}: takes ${ends.join(" and ")}`];
  });

/** Finders that are no higher for graded positives than for negatives. */
const silentNotes = ({ inputs }: Combination): string[] =>
  inputs
    .filter(({ evidence }) => saysNothing(evidence))
    .map(({ name }) => `${name} does not rank graded positives above negatives, and is taken to say nothing`);

/** Finders that learned from graded rows, of a combination that was fitted all the same. */
export const learnedNotes = ({ inputs, graded }: Combination): string[] =>
  inputs.flatMap(({ name, learned }) =>
    learned === undefined
      ? []
      : [
          `warning: ${name} had learned from ${learned} of the ${graded.ids.length} rows that it was weighted by`,
        ],
  );

/** The combination of scores that are joined, its inputs in its own order. */
export function applied(combination: Combination, joined: JoinedScores): Combined {
  const { inputs, rule, correlations, prevalence, graded } = combination;
  const x = joined.scores.map((column, k) => column.map((score) => onScale(inputs[k]!.scale, score)));
  const fit = { evidence: inputs.map(({ evidence }) => evidence), rule };
  const { finders, combined } = evidenceOf(fit, x, correlations);
  const prior = logOdds(prevalence);
  const probability = (evidence: number) => sigmoid(prior + evidence);
  return {
    joined,
    names: inputs.map(({ name }) => name),
    probabilities: combined.map(probability),
    finders: finders.map((column) => column.map(probability)),
    graded: new Set(graded.ids),
  };
}
