/**
 * MixVal: how consistently a network classifies mixed images, each made of two target images.
 *
 * Source: Hu, Liang, Liew et al. 2023 (NeurIPS 36, openreview.net/forum?id=ackajXqei2); the authors' code is LHXXHB/MixVal.
 *
 * 1. Every target image gets the class that the network predicts.
 * 2. Pairs of one class (intra-cluster) probe how dense its cluster is, pairs of two classes (inter-cluster) where the
 *    boundary lies. A mixed image is 0.55 of the first plus 0.45 of the second.
 * 3. ICE is the share of mixed images that are predicted as the first image is; the score is the mean of both sorts' ICE.
 *
 * Our deviations:
 * - The two are averaged for each epoch by itself, as in skada; nothing is ranked among models.
 * - Pairs are formed by predicted class, so that images of a rare class are in as many pairs as there can be, and 512 of
 *   each sort are taken at most, evenly spaced; the authors pair each batch with its reverse.
 * - A sort without pairs has an ICE of 0: a network that predicts one class alone has no boundary.
 */
import { evenlySpaced } from "../../foundation/thinning.ts";
import { tidy } from "../../torch/scope.ts";
import type { Validator } from "./validator.ts";

/** The first image's part of a mixed image. */
export const MIX = 0.55;

/** Most pairs of each sort: each costs a prediction. */
const MOST_PAIRS = 512;

export const mixval: Validator = {
  name: "mixval",
  summary: "consistency of predictions on mixed target images, within classes and between them",
  paper: "Hu et al. 2023 (NeurIPS 36)",
  needsTarget: true,
  score: ({ mixedLogits }) =>
    tidy(() => {
      if (!mixedLogits.isfinite().all().item()) return Number.NaN;
      if (mixedLogits.size === 0) return 0;
      const predicted = mixedLogits.argmax(2); // (P, 3)
      const [first, second, mixed] = [0, 1, 2].map((which) => predicted.select(1, which).numbers());
      const ice = (intra: boolean): number => {
        const pairs = first!.flatMap((own, i) => ((own === second![i]) === intra ? [own === mixed![i]] : []));
        return pairs.length === 0 ? 0 : pairs.filter(Boolean).length / pairs.length;
      };
      return (ice(true) + ice(false)) / 2;
    }),
};

/**
 * The pairs that are mixed, as indices: those of one class first, then those of two. An image is the first of one pair of each
 * sort at most, and the second of one.
 *
 * @param predicted each image's class
 */
export function mixedPairs(predicted: readonly number[]): (readonly [first: number, second: number])[] {
  const classes = [...new Set(predicted)].map((k) =>
    predicted.flatMap((own, i): number[] => (own === k ? [i] : [])),
  );
  const clusters = classes.sort((a, b) => b.length - a.length || a[0]! - b[0]!);
  const intra = clusters.flatMap((rows) => (rows.length < 2 ? [] : shifted(rows, rows.length >> 1)));
  // Shifted by the largest class, no image meets its own class unless it is of that class.
  const all = clusters.flat();
  const inter = shifted(all, clusters[0]?.length ?? 0).filter(([a, b]) => predicted[a] !== predicted[b]);
  return [intra, inter].flatMap((pairs) =>
    Array.from(evenlySpaced([...pairs.keys()], MOST_PAIRS), (i) => pairs[i]!),
  );
}

/** Each with the one that follows it by `by`, around the end. */
const shifted = (rows: readonly number[], by: number) =>
  rows.map((row, i) => [row, rows[(i + by) % rows.length]!] as const);
