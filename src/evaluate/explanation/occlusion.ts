/**
 * Occlusion (Zeiler & Fergus 2014, arXiv 1311.2901, section 4.2): a patch slides over the image, and the score drops where it
 * hides what the score rests on.
 *
 * Our deviations: the patch has the image's own sky level instead of grey, and a pixel's heat is the mean drop of all
 * patches that hide it.
 */
import { refuse } from "../../foundation/errors.ts";
import { arange, cat, tensor, where, zeros } from "../../torch/create.ts";
import { lowerMedian } from "../../torch/median.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** How the patch moves over an image. */
export interface OcclusionOptions {
  /** Side of the patch, pixels. */
  readonly window: number;
  /** Most pixels from one patch to the next. */
  readonly stride: number;
  /** Images that are scored together. */
  readonly batch?: number;
}

/** The rim whose median is the sky, as a part of the shorter side. */
const RIM = 1 / 12;

/**
 * Where patches begin along a side: from edge to edge, evenly, no further apart than the stride.
 *
 * @throws ArcletError when the window is larger than the side, the stride larger than the window, or either is no whole number from 1
 */
export function patchStarts(side: number, { window, stride }: Pick<OcclusionOptions, "window" | "stride">) {
  if (!(Number.isInteger(window) && window >= 1 && window <= side))
    refuse("occlusion", "window", `a whole number from 1 to the image's ${side} pixels`, window);
  // Further apart, patches would leave pixels that none of them hides.
  if (!(Number.isInteger(stride) && stride >= 1 && stride <= window))
    refuse("occlusion", "stride", `a whole number from 1 to the window's ${window} pixels`, stride);
  const room = side - window;
  const steps = Math.ceil(room / stride);
  return Array.from({ length: steps + 1 }, (_, k) => (k === 0 ? 0 : Math.round((k * room) / steps)));
}

/** The median of each image's rim, a channel: images (B, C, H, W) → (B, C) float32 */
export function skyLevel(images: Tensor): Tensor {
  const [B, C, H, W] = images.shape as [number, number, number, number];
  const rim = Math.max(1, Math.round(Math.min(H, W) * RIM));
  return tidy(() => {
    const x = images.to("float32");
    const strips = [
      x.narrow(2, 0, rim),
      x.narrow(2, H - rim, rim),
      x.narrow(2, rim, Math.max(0, H - 2 * rim)).narrow(3, 0, rim),
      x.narrow(2, rim, Math.max(0, H - 2 * rim)).narrow(3, W - rim, rim),
    ];
    const flat = cat(
      strips.map((strip) => strip.reshape([B, C, -1])),
      2,
    );
    return lowerMedian(flat, 2);
  });
}

/**
 * The mean drop of the score, a pixel; negative where the score rises when it is hidden.
 *
 * @param images (B, C, H, W) as stored
 * @param scores (B', C, H, W) as stored → S (B')
 * @returns (B, H, W) float32
 */
export function occlusionMaps(
  images: Tensor,
  scores: (images: Tensor) => Tensor,
  options: OcclusionOptions,
): Tensor {
  const [B, , H, W] = images.shape as [number, number, number, number];
  const { window, batch = 256 } = options;
  const [down, across] = [patchStarts(H, options), patchStarts(W, options)];
  const corners = down.flatMap((y) => across.map((x) => [y, x] as const));
  return tidy(() => {
    const x = images.to("float32");
    const fill = skyLevel(x);
    const whole = scores(x); // (B)
    let sum = zeros([B, H * W]);
    let count = zeros([1, H * W]);
    for (let first = 0; first < corners.length; first += batch) {
      const chunk = corners.slice(first, first + batch);
      [sum, count] = tidy(() => {
        const hidden = patches(chunk, window, H, W); // (P, H, W)
        const rows = Array.from({ length: B }, (_, b) =>
          tidy(() => {
            const level = fill.narrow(0, b, 1).unsqueeze(-1).unsqueeze(-1); // (1, C, 1, 1)
            const occluded = where(hidden.unsqueeze(1), level, x.narrow(0, b, 1)); // (P, C, H, W)
            return scores(occluded)
              .rsub(whole.narrow(0, b, 1).item())
              .unsqueeze(0); // (1, P)
          }),
        );
        const weight = hidden.to("float32").reshape([chunk.length, H * W]);
        return [sum.add(cat(rows, 0).matmul(weight)), count.add(weight.sum([0], true))];
      });
    }
    return sum.div(count).reshape([B, H, W]);
  });
}

/** (P, H, W) bool: where each patch hides the image. */
function patches(corners: readonly (readonly [number, number])[], window: number, H: number, W: number) {
  const side = (axis: 0 | 1, length: number) => {
    const start = tensor(Int32Array.from(corners, (corner) => corner[axis])).unsqueeze(1); // (P, 1)
    const pixels = arange(0, length, 1, { dtype: "int32" }).unsqueeze(0);
    return pixels.ge(start).and(pixels.lt(start.add(window))); // (P, length)
  };
  return side(0, H).unsqueeze(2).and(side(1, W).unsqueeze(1));
}
