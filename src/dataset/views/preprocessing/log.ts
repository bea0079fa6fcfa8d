/**
 * sign(x) log(1 + |x| / scale), band by band, for flux: log(1 + x / scale) for light, and the same mirrored for flux
 * below 0, which is the sky's noise and has no logarithm.
 */
import { z } from "zod";
import { about, banded, kindOf } from "./kind.ts";
import { scaleOf } from "./noise.ts";

export const log = kindOf({
  schema: z.strictObject({
    kind: z.literal("log"),
    ...about,
    scale: z.array(z.number().positive()),
  }),
  summary: "log(1 + x / scale), mirrored below 0, with the scale of asinh",
  pixels: "flux",
  takes: ["scale"],
  fit: scaleOf,
  apply: ({ scale }, x) => x.abs().div(banded(scale, x)).log1p().mul(x.sign()),
});
