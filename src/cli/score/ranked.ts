/** Images with their scores, ready to be written. */
export interface Ranked {
  /** Indices of the scored rows, best first. */
  readonly order: Int32Array;
  /** One a scored row (N). */
  readonly scores: ArrayLike<number>;
  /** Calibrated probabilities (N), NaN for none; null if there are none. */
  readonly calibrated: Float64Array | null;
  readonly positiveClass: string;
  readonly notes: readonly string[];
  /** Writes the table. @returns what the user should know, one line each */
  write(): Promise<string[]>;
}
