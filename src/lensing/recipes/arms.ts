/** What a disc's arms and knots are drawn from. */
import { z } from "zod";
import { quantity } from "./distribution.ts";
import { colour, count, fainter, part, size } from "./quantities.ts";

export const arms = z.strictObject({
  count: quantity({ range: [1, 8], whole: true }),
  pitch: quantity({ range: [0.01, 1.5], unit: "radians" }),
  /** The light that is missing between arms, and their concentration: 1 is nearly a cosine. */
  amplitude: part(),
  sharpness: quantity({ range: [0.05, 12] }),
  /** How much brighter one of the arms is. */
  lopsidedness: part(),
  /** Radius within which they fade, in sizes of the disc. */
  core: quantity({ range: [0, 3] }),
  /** Contrast of knots, and how many waves round the disc they come from. */
  contrast: quantity({ range: [0, 2] }),
  around: quantity({ range: [1, 16], whole: true }),
});

/** Knots of young stars that are bright enough to be seen one by one. */
export const knots = z.strictObject({
  count: count(),
  fainter: fainter(),
  size: size(),
  bluerGr: colour(),
  bluerRi: colour(),
});
