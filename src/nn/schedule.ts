/** Learning-rate schedules: pure functions of the global step, so that a run resumes exactly. */

/** The factor by which a base learning rate is multiplied at step 0, 1, … */
export type Schedule = (step: number) => number;

/** The base rate at all steps. */
export const constant: Schedule = () => 1;

/** Settings of the schedule `cosine`. */
export interface CosineOptions {
  /** Steps of the whole schedule. */
  total: number;
  /** Steps of linear warm-up: step i has factor (i + 1) / warmup. */
  warmup?: number;
  /** The factor that the cosine ends at. */
  floor?: number;
}

/**
 * Linear warm-up, then half a cosine from 1 down to `floor`, reached at step `total` (SGDR without restarts,
 * arXiv 1608.03983, equation 5). Later steps stay at the floor.
 */
export function cosine({ total, warmup = 0, floor = 0 }: CosineOptions): Schedule {
  return (step) => {
    if (step < warmup) return (step + 1) / warmup;
    const done = Math.min((step - warmup) / Math.max(total - warmup, 1), 1);
    return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * done));
  };
}
