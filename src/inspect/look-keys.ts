/** What the server and the pages share for looking. Both import this file, which imports nothing. */

/** The header of a wider cutout's answer: how it lies on the sky, as JSON. */
export const ORIENTATION_HEADER = "x-arclet-orientation";

/** Ways to a heat map, in the order in which the key shows them. */
export const HEATS = ["gradcam", "occlusion"] as const;
export type Heat = (typeof HEATS)[number];

/** Keys, which say nothing of an object. */
export const LOOK_KEYS = [
  ["t", "next stretch"],
  ["[ ]", "less or more contrast; or drag an image up and down"],
  [", .", "brighter or darker (bias); or drag an image left and right"],
  ["i", "inverted"],
  ["+ −", "zoom"],
  ["0, 1 … 9", "composite, or one band"],
  ["p", "next colour map of one band"],
  ["o", "heat map: where the finder looks; again: what its score rests on; again: none"],
  ["l", "objects like this one"],
  ["x", "a wider cutout, from the survey's frames"],
] as const satisfies readonly (readonly [keys: string, meaning: string])[];
