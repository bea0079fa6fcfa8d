/** Which rows a student learns from, which its threshold is of, and which judge both: no group is in two of them. */
import { textKey, uniformAt } from "../../foundation/random.ts";

export const PARTS = ["learned", "calibrated", "heldOut"] as const;
export type Part = (typeof PARTS)[number];

/** The shares of the first two. */
const LEARNED = 0.5;
const CALIBRATED = 0.25;

/** A group's part, whatever the dataset that it is in. */
export function partOf(group: string, seed: number): Part {
  const at = uniformAt(textKey(seed, group), 0);
  if (at < LEARNED) return "learned";
  return at < LEARNED + CALIBRATED ? "calibrated" : "heldOut";
}

/** How many groups all parts have, about, if those calibrated on are so many. */
export const groupsFor = (calibrated: number): number => Math.ceil(calibrated / CALIBRATED);
