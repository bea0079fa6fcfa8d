/** Score tables combined: fitted on graded rows and applied to all, or a fitted combination applied to new tables. */
import { fileHash } from "../../dataset/hash.ts";
import { commandLine } from "../../foundation/command-line.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
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
import { logOdds, shareOf, sigmoid } from "./log-odds.ts";
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
  { scores: texts, rule, calibration, prevalence, folds, seed }: CombineConfig,
  truth: Truth & { negatives: string },
): Promise<FittedCombination> {
  const inputs = inputsOf(texts);
  if (inputs.length < 2) refuse("combine", "scores", "two tables or more", texts);
  const joined = await joinTables(inputs);
  const { rows, positives, groups, notes } = matchGraded(truth, await readGraded(truth), inputs, joined);
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
      scale: scales[k]!,
      evidence: fit.evidence[k]!,
    })),
    correlations,
    prevalence: prevalence ?? fit.share,
    graded: {
      ...{ file: truth.path, sha256: fileHash(truth.path) },
      ...{ positives: truth.positives, negatives: truth.negatives },
      ...{
        ids: rows.map((row) => joined.ids[row]!),
        groups: new Set(groups).size,
        share: shareOf(positives),
      },
    },
    ...{ folds, seed, heldOut: { auroc: { value, low, high }, logLoss: judged.logLoss } },
    ...{ command: commandLine(), arclet: version() },
  };
  const said = [...joined.notes, ...notes, ...clippedNotes(inputs, scaled), ...silentNotes(combination)];
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

/**
 * Applies a fitted combination.
 *
 * @param path the combination's file, for messages
 * @throws ArcletError as `joinTables`, for an input that the combination doesn't have, or one of its inputs that isn't given
 */
export async function applyCombination(
  path: string,
  combination: Combination,
  { scores: texts, prevalence }: Pick<CombineConfig, "scores" | "prevalence">,
): Promise<Combined & { notes: readonly string[] }> {
  const given = inputsOf(texts);
  const names = combination.inputs.map(({ name }) => name);
  const stranger = given.find(({ name }) => !names.includes(name));
  if (stranger !== undefined) throw unknown(path, "input", stranger.name, names);
  const inputs = names.map((name) => {
    const input = given.find((one) => one.name === name);
    if (input !== undefined) return input;
    throw new ArcletError({
      where: path,
      code: "missing",
      problem: `its input ${name} is not given`,
      fix: `give its table: ${name}=FILE:COLUMN`,
    });
  });
  const joined = await joinTables(inputs);
  for (const [k, { scale }] of combination.inputs.entries()) {
    const row = joined.scores[k]!.findIndex((score) => scale.logit && (score < 0 || score > 1));
    if (row >= 0)
      refuse(
        { where: inputs[k]!.path, id: joined.ids[row] },
        inputs[k]!.column,
        "from 0 to 1, as it was when the combination was fitted",
        joined.scores[k]![row],
      );
  }
  const at = { ...combination, prevalence: prevalence ?? combination.prevalence };
  return { ...applied(at, joined), notes: joined.notes };
}

function applied(combination: Combination, joined: JoinedScores): Combined {
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
