/** An image as a source: a real galaxy's pixels, interpolated. */
import { refuse } from "../../../foundation/errors.ts";
import { tensor } from "../../../torch/create.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import { type FrameNumbers, frameOf, intoFrame, type Placement } from "../frame.ts";
import { inPlace } from "../in-place.ts";
import { listsOf } from "../rows.ts";
import type { LightModel } from "./model.ts";

/** Pixels of a source: brightness, row by row, the first row at the bottom; 0 beyond them. */
export interface SourceImage {
  /** Row-major (height, width). */
  pixels: Float32Array | Float64Array;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
  /** Arcsec per pixel in the source plane. */
  scale: number;
  /** Between the pixels: `linear` (the default), or `cubic` (Keys 1981, a = −½). */
  interpolation?: "linear" | "cubic";
}

/** @throws ArcletError for a wrong size or scale, pixels that are not finite, or no flux */
export function checkImage({ pixels, width, height, scale }: SourceImage, where = "source image"): void {
  if (!(Number.isInteger(width) && width > 0)) refuse(where, "width", "a whole number above 0", width);
  if (!(Number.isInteger(height) && height > 0)) refuse(where, "height", "a whole number above 0", height);
  if (pixels.length !== width * height)
    refuse(where, "pixels", `${width} × ${height} = ${width * height} values`, pixels.length);
  if (!(scale > 0 && Number.isFinite(scale))) refuse(where, "scale", "a positive number of arcsec", scale);
  const bad = pixels.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) refuse(where, `pixel ${bad}`, "a finite number", pixels[bad]);
  if (!(sum(pixels) > 0)) refuse(where, "the pixels' sum", "positive", sum(pixels));
}

const sum = (values: Float32Array | Float64Array): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** Weights of the pixels around a position t ∈ [0, 1) past a pixel's centre, beginning at the neighbour `first`. */
type Kernel = { first: number; weights: (t: Tensor) => Tensor[] };

const linear: Kernel = { first: 0, weights: (t) => [t.rsub(1), t] };

/** Keys (1981, IEEE Trans. ASSP 29, 1153), a = −½: exact for a parabola. */
const cubic: Kernel = {
  first: -1,
  weights: (t) => {
    const horner = (...factors: number[]) =>
      factors.slice(1).reduce((value, factor) => value.mul(t).add(factor), t.mul(0).add(factors[0]!));
    return [
      horner(-0.5, 1, -0.5, 0),
      horner(1.5, -2.5, 0, 1),
      horner(-1.5, 2, 0.5, 0),
      horner(0.5, -0.5, 0, 0),
    ];
  },
};

/** The profile of an image, centred on its middle, with its x axis along the placement's angle. */
export function imageModel(image: SourceImage): LightModel<Placement, FrameNumbers> {
  const { pixels, width, height, scale, interpolation = "linear" } = image;
  const { first, weights } = interpolation === "cubic" ? cubic : linear;
  return {
    numbers: (placements) => listsOf(placements, (placement) => frameOf(placement, { x: scale, y: scale })),
    brightness(at, numbers) {
      const local = intoFrame(at, numbers);
      const [u, v] = [local.x.add((width - 1) / 2), local.y.add((height - 1) / 2)]; // pixels
      const [u0, v0] = [u.floor(), v.floor()];
      const [across, up] = [weights(u.sub(u0)), weights(v.sub(v0))];
      const values = tensor(pixels, [pixels.length], { dtype: u.dtype });
      const columns = across.map((weight, i) => clipped(u0.add(first + i), weight, width));
      const rows = up.map((weight, j) => clipped(v0.add(first + j), weight, height));
      const total = inPlace(u.mul(0));
      for (const row of rows) {
        const along = inPlace(u.mul(0));
        for (const column of columns) {
          const index = row.index.mul(width).add(column.index).to("int64");
          const brightness = values.indexSelect(0, index.reshape([-1])).reshape(index.shape);
          along.add(inPlace(brightness).mul(column.weight));
        }
        total.add(along.mul(row.weight));
      }
      return total.tensor;
    },
    flux: () => sum(pixels) * scale * scale,
  };
}

/** Indices clamped to the image, with weight 0 where they were outside. */
function clipped(index: Tensor, weight: Tensor, length: number): { index: Tensor; weight: Tensor } {
  const inside = index
    .ge(0)
    .and(index.le(length - 1))
    .to(index.dtype);
  return { index: index.clamp(0, length - 1), weight: weight.mul(inside) };
}
