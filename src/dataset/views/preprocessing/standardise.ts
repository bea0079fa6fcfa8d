/** (x − mean) / sd, band by band, with the mean and standard deviation over all rows that it is made from. */
import { z } from "zod";
import { refuse } from "../../../foundation/errors.ts";
import { tensor } from "../../../torch/create.ts";
import { tidy } from "../../../torch/scope.ts";
import { about, banded, type Fitting, finiteImages, kindOf } from "./kind.ts";

const CHUNK = 256;

export const standardise = kindOf({
  schema: z.strictObject({
    kind: z.literal("standardise"),
    ...about,
    mean: z.array(z.number()),
    sd: z.array(z.number().positive()),
  }),
  summary: "each band by its mean and standard deviation over the source",
  pixels: "any",
  takes: [],
  fit: momentsOf,
  apply: ({ mean, sd }, x) => x.sub(banded(mean, x)).div(banded(sd, x)),
});

/** Mean and standard deviation of each band, summed in float64 about the first chunk's mean. */
function momentsOf({ domain, rows, where }: Fitting): { mean: number[]; sd: number[] } {
  const { bands, shape } = domain.info;
  const sum = bands.map(() => 0);
  const squares = bands.map(() => 0);
  let origin: number[] | undefined;
  for (let start = 0; start < rows.length; start += CHUNK)
    tidy(() => {
      const x = finiteImages(domain, rows.slice(start, start + CHUNK)).to("float64");
      origin ??= x.mean([0, 2, 3]).numbers();
      const off = x.sub(tensor(origin, [1, bands.length, 1, 1], { dtype: "float64" }));
      const [first, second] = [off.sum([0, 2, 3]).numbers(), off.square().sum([0, 2, 3]).numbers()];
      bands.forEach((_, c) => {
        sum[c]! += first[c]!;
        squares[c]! += second[c]!;
      });
    });
  const n = rows.length * shape[1] * shape[2];
  const mean = sum.map((value, c) => origin![c]! + value / n);
  const sd = squares.map((value, c) => Math.sqrt(Math.max(0, value / n - (sum[c]! / n) ** 2)));
  sd.forEach((value, c) => {
    if (!(value > 0)) refuse(where, `band ${bands[c]}`, "of more than one value", mean[c]);
  });
  return { mean, sd };
}
