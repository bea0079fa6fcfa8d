/** asinh(x / scale), band by band, for flux: linear for noise, logarithmic for bright light. */
import { z } from "zod";
import { asinh as stretched } from "../../../torch/asinh.ts";
import { about, banded, kindOf } from "./kind.ts";
import { scaleOf } from "./noise.ts";

export const asinh = kindOf({
  schema: z.strictObject({
    kind: z.literal("asinh"),
    ...about,
    scale: z.array(z.number().positive()),
  }),
  summary: "asinh(x / scale), where scale is the band's noise over the source",
  pixels: "flux",
  takes: ["scale"],
  fit: scaleOf,
  apply: ({ scale }, x) => stretched(x.div(banded(scale, x))),
});
