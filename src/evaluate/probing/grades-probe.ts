/**
 * A probe: a network's own log odds, and what its encoder sees in the graded rows, ring by ring around their centres, learned
 * by a Gaussian process of what the odds get wrong. No weight of the network changes.
 */

import { logOdds, sigmoid } from "../combination/log-odds.ts";
import { crossValidated, foldsByGroup } from "../folds.ts";
import { fitGaussianProcess, type GaussianProcess, gaussianProcessAt } from "./gaussian-process.ts";
import { fitOwnOdds, type OwnOdds } from "./own-odds.ts";

export interface GradesProbe {
  /** Where the process starts: slope · l + intercept of the network's log odds l. */
  readonly own: OwnOdds;
  /** Of what the grades' log odds are more than that. */
  readonly process: GaussianProcess;
  /** Of the sum of both: the log odds of a lens. */
  readonly odds: OwnOdds;
}

/** Rows as a probe sees them. */
export interface SeenFeatures {
  /** Row-major (N, F). */
  readonly features: Float64Array;
  /** The network's log odds of a lens (N). */
  readonly own: Float64Array;
}

/** Graded rows as a probe learns them. */
export interface Taught extends SeenFeatures {
  /** Features of each part, sum F. */
  readonly parts: readonly number[];
  /** How surely each is a lens, from 0 to 1 (N). */
  readonly lens: Float64Array;
}

/** A sure grade has the log odds of this probability, or of its rest: beyond, one grade would outweigh all others. */
const SURE = 0.95;

/**
 * The process learns log odds, so that it moves a row as far wherever the network has put it. The probe's own are fitted to
 * what the process says of rows that are left out, with Platt's targets: a probability is finite and honest also where all
 * graded rows are told apart, and one lens among the grades does not turn the order round.
 *
 * @throws Interrupted when the user stops it
 */
export async function fitGradesProbe({ features, own, parts, lens }: Taught): Promise<GradesProbe> {
  const targets = smoothed(lens);
  const start = fitOwnOdds(own, targets);
  const started = own.map((l) => startAt(start, l));
  const process = await fitGaussianProcess(
    features,
    lens.map((y, i) => oddsOf(y) - started[i]!),
    parts,
  );
  const leftOut = process.leftOut.map((f, i) => f + started[i]!);
  const odds = fitOwnOdds(leftOut, targets);
  return { own: start, process, odds };
}

const startAt = ({ slope, intercept }: OwnOdds, l: number): number => slope * l + intercept;

const oddsOf = (label: number): number => logOdds(Math.min(SURE, Math.max(1 - SURE, label)));

/** Probabilities of a lens. */
export function probabilitiesOf(
  { own: start, process, odds }: GradesProbe,
  seen: SeenFeatures,
): Float64Array {
  const values = gaussianProcessAt(process, seen.features);
  return values.map((f, i) => sigmoid(odds.slope * (f + startAt(start, seen.own[i]!)) + odds.intercept));
}

/**
 * Probabilities of the graded rows, each by a probe that saw no row of its group.
 *
 * @param groups (N)
 * @throws Interrupted when the user stops it
 */
export async function heldOutProbabilities(
  { features, own, parts, lens }: Taught,
  groups: readonly string[],
  { folds, seed }: { folds: number; seed: number },
): Promise<Float64Array> {
  const width = features.length / lens.length;
  const foldOf = foldsByGroup(
    groups,
    Uint8Array.from(lens, (p) => Number(p >= 0.5)),
    folds,
    seed,
  );
  return crossValidated(foldOf, folds, async (held) => {
    const of = (which: number): Taught => {
      const rows = [...held.keys()].filter((row) => held[row] === which);
      const ofRow = (row: number) => features.subarray(row * width, (row + 1) * width);
      return {
        features: Float64Array.from(rows.flatMap((row) => [...ofRow(row)])),
        own: Float64Array.from(rows, (row) => own[row]!),
        parts,
        lens: Float64Array.from(rows, (row) => lens[row]!),
      };
    };
    return probabilitiesOf(await fitGradesProbe(of(0)), of(1));
  });
}

/** Platt's targets; a label between 0 and 1 lies between them. */
function smoothed(lens: Float64Array): Float64Array {
  const lenses = lens.reduce((sum, p) => sum + p, 0);
  const [high, low] = [(lenses + 1) / (lenses + 2), 1 / (lens.length - lenses + 2)];
  return lens.map((p) => p * high + (1 - p) * low);
}
