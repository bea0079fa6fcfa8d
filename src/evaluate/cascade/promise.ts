/**
 * The student's threshold: of the images that the finder puts above its own, at most a stated share is rejected, on average over
 * the draw of calibration images and one more (split conformal prediction, `conformalThreshold`).
 *
 * The promise is for an image that is exchangeable with those calibrated on. Lens-rich images are others than the survey's own, so
 * it is kept for the images of all datasets together, and for those of each that has enough of them: the lowest threshold does. If
 * datasets are named (`promisedOn`), only they count: of a survey's own images most above the threshold are no lenses.
 */
import { resolve } from "node:path";
import { ArcletError } from "../../foundation/errors.ts";
import { type ConformalThreshold, conformalThreshold } from "../conformal.ts";
import { groupsFor } from "./parts.ts";

/** Calibration rows above the finder's threshold. */
export interface Above {
  /** The student's log odds (N). */
  readonly odds: readonly number[];
  /** The sky position of every row (N). */
  readonly groups: readonly string[];
}

export interface Promised {
  readonly threshold: number;
  /** The threshold of all datasets together. */
  readonly together: ConformalThreshold;
}

/** Whether the loss is promised for a dataset, by its folder. @param promisedOn the folders that were named; null is all */
export const isPromised = (folder: string, promisedOn: readonly string[] | null): boolean =>
  promisedOn === null || promisedOn.some((one) => resolve(one) === resolve(folder));

/** Fewest groups for which a loss can be promised. */
export const groupsNeeded = (loss: number): number => Math.ceil((1 - loss) / loss - 1e-9);

/**
 * @param above of each dataset
 * @param threshold the finder's, for messages
 * @throws ArcletError when there are none, or too few for that loss
 */
export function promisedThreshold(above: readonly Above[], loss: number, threshold: number): Promised {
  const groups = above.flatMap((one) => one.groups);
  const count = new Set(groups).size;
  const fix = "give lens-rich images too (arclet simulate --prevalence 0.5, arclet paint)";
  if (count === 0)
    throw new ArcletError({
      where: "cascade",
      code: "missing",
      problem: `no image to calibrate on has a finder's score of ${threshold} or more`,
      fix: `${fix}, or a lower --threshold`,
    });
  const needed = groupsNeeded(loss);
  if (count < needed)
    throw new ArcletError({
      where: "cascade",
      code: "argument",
      problem:
        `a loss of ${loss} needs ${needed} objects to calibrate on with a finder's score of ${threshold} or more, about ` +
        `${groupsFor(needed)} in all datasets together: there are ${count}`,
      fix: `${fix}, or --loss ${leastLoss(count)}`,
    });
  const together = conformalThreshold(Float64Array.from(above.flatMap((one) => one.odds)), 1 - loss, groups);
  const apart = above
    .filter((one) => new Set(one.groups).size >= needed)
    .map((one) => conformalThreshold(Float64Array.from(one.odds), 1 - loss, one.groups).threshold);
  return { threshold: Math.min(together.threshold, ...apart), together };
}

/** The smallest loss that so many groups can promise, rounded up. */
const leastLoss = (groups: number): number => Math.ceil(1e4 / (groups + 1)) / 1e4;
