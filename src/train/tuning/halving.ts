/**
 * Successive halving: many trials on a small budget, the best of them on a larger one, until a few get all of it.
 *
 * Source: Jamieson & Talwalkar 2016, arXiv:1502.07943, algorithm 1. With one rung it is random search (Bergstra & Bengio
 * 2012, JMLR 13, 281).
 */

export interface Rung {
  /** Number of its trials. */
  trials: number;
  /** Epochs of each trial. */
  epochs: number;
}

/** The rungs: each has 1/η of the trials of the one before, and η times the epochs; the last has all epochs. */
export function rungsOf(trials: number, rungs: number, eta: number, epochs: number): Rung[] {
  return Array.from({ length: rungs }, (_, r) => ({
    trials: Math.max(1, Math.ceil(trials / eta ** r)),
    epochs: Math.max(1, Math.round(epochs / eta ** (rungs - 1 - r))),
  }));
}

/** The trials with the highest scores, the earlier of equals; none without a score. */
export function best(scores: ReadonlyMap<number, number | null>, count: number): number[] {
  return [...scores]
    .filter((entry): entry is [number, number] => entry[1] !== null)
    .sort(([a, scoreA], [b, scoreB]) => scoreB - scoreA || a - b)
    .slice(0, count)
    .map(([trial]) => trial);
}
