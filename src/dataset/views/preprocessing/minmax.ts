/**
 * (x − min) / (max − min) of each image over all its bands; and the same followed by a logarithm, log(1 + y / scale),
 * which is defined at y = 0. A constant image, which has no range, becomes zeros.
 */
import { z } from "zod";
import { refuse } from "../../../foundation/errors.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import { about, kindOf } from "./kind.ts";

export const minmax = kindOf({
  schema: z.strictObject({ kind: z.literal("minmax"), ...about }),
  summary: "each image to [0, 1] over all its bands",
  pixels: "any",
  takes: [],
  fit: () => ({}),
  apply: (_, x) => scaled(x),
});

export const minmaxLog = kindOf({
  schema: z.strictObject({ kind: z.literal("minmax-log"), ...about, scale: z.number().positive() }),
  summary: "minmax, then log(1 + y / scale)",
  pixels: "any",
  takes: ["scale"],
  fit({ options: { scale }, where }) {
    if (scale !== null && scale.length > 1) refuse(where, "scale", "one number", scale);
    return { scale: scale?.[0] ?? 1 };
  },
  apply: ({ scale }, x) => scaled(x).div(scale).log1p(),
});

function scaled(x: Tensor): Tensor {
  const low = x.min([1, 2, 3], true);
  const range = x.max([1, 2, 3], true).sub(low); // (B, 1, 1, 1)
  return x.sub(low).div(range.add(range.eq(0).to("float32")));
}
