/**
 * A probe: what a finder's encoder sees in the graded rows, ring by ring around their centres, learned by a Gaussian process, and its value made a probability.
 * No weight of the encoder changes.
 */

import { sigmoid } from "../combination/log-odds.ts";
import { fitLogistic, type Logistic } from "../combination/logistic.ts";
import { crossValidated, foldsByGroup } from "../folds.ts";
import { fitGaussianProcess, type GaussianProcess, gaussianProcessAt } from "./gaussian-process.ts";

export interface GradesProbe {
  readonly process: GaussianProcess;
  /** Of the process's value: the log odds of a lens. */
  readonly odds: { readonly slope: number; readonly intercept: number };
}

/** Graded rows as a probe learns them. */
export interface Taught {
  /** Row-major (N, F). */
  readonly features: Float64Array;
  /** Features of each part, sum F. */
  readonly parts: readonly number[];
  /** How surely each is a lens, from 0 to 1 (N). */
  readonly lens: Float64Array;
}

/**
 * The log odds are fitted to what the process says of rows that are left out, with Platt's targets, so that a probability is
 * finite and honest also where all graded rows are told apart.
 *
 * @throws Interrupted when the user stops it
 */
export async function fitGradesProbe({ features, parts, lens }: Taught): Promise<GradesProbe> {
  const process = await fitGaussianProcess(features, lens, parts);
  const { weights, intercept }: Logistic = fitLogistic([process.leftOut], smoothed(lens));
  // A process that says nothing may come out reversed: then it has to say nothing.
  const slope = Math.max(0, weights[0]!);
  return { process, odds: slope > 0 ? { slope, intercept } : { slope, intercept: logitOfMean(lens) } };
}

/** Probabilities of a lens. @param features row-major (N, F) */
export const probabilitiesOf = ({ process, odds }: GradesProbe, features: Float64Array): Float64Array =>
  gaussianProcessAt(process, features).map((f) => sigmoid(odds.slope * f + odds.intercept));

/**
 * Probabilities of the graded rows, each by a probe that saw no row of its group.
 *
 * @param groups (N)
 * @throws Interrupted when the user stops it
 */
export async function heldOutProbabilities(
  { features, parts, lens }: Taught,
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
      return {
        features: Float64Array.from(
          rows.flatMap((row) => [...features.subarray(row * width, (row + 1) * width)]),
        ),
        parts,
        lens: Float64Array.from(rows, (row) => lens[row]!),
      };
    };
    return probabilitiesOf(await fitGradesProbe(of(0)), of(1).features);
  });
}

/** Platt's targets; a label between 0 and 1 lies between them. */
function smoothed(lens: Float64Array): Float64Array {
  const lenses = lens.reduce((sum, p) => sum + p, 0);
  const [high, low] = [(lenses + 1) / (lenses + 2), 1 / (lens.length - lenses + 2)];
  return lens.map((p) => p * high + (1 - p) * low);
}

function logitOfMean(lens: Float64Array): number {
  const mean = (lens.reduce((sum, p) => sum + p, 0) + 1) / (lens.length + 2);
  return Math.log(mean / (1 - mean));
}
