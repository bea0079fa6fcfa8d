/** Keys for looking, which say nothing of an object. Both the server and the pages import this file, which imports nothing. */

export const LOOK_KEYS = [
  ["t", "next stretch"],
  ["[ ]", "less or more contrast; or drag an image up and down"],
  [", .", "brighter or darker (bias); or drag an image left and right"],
  ["i", "inverted"],
  ["+ −", "zoom"],
  ["0, 1 … 9", "composite, or one band"],
  ["p", "next colour map of one band"],
] as const satisfies readonly (readonly [keys: string, meaning: string])[];
