/** A vision transformer's weights for another grid of patches, or for patches of another side, as timm fits them. */
import { call } from "../torch/call.ts";
import { cat, eye } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { Fitted } from "./encoder.ts";

/** Bicubic, antialiased: x (N, C, h, w) → (N, C, `to`) */
const resized = (x: Tensor, to: readonly [number, number]): Tensor =>
  call("aten::_upsample_bicubic2d_aa", x, to, false) as Tensor;

/**
 * Positions of a square grid resampled to another grid; those of tokens that are no patches are kept.
 *
 * @param value (1, `others` + side², D)
 * @param others tokens before the patches
 * @returns (1, `others` + h w, D); what has no square grid is left as it is
 */
export function resampledPositions(value: Tensor, others: number, [h, w]: readonly [number, number]): Fitted {
  const count = (value.shape[1] ?? 0) - others;
  const side = Math.round(Math.sqrt(Math.max(0, count)));
  if (value.ndim !== 3 || side === 0 || side * side !== count || (side === h && side === w)) return { value };
  const wide = value.to("float32");
  const old = wide.slice(1, others).reshape([1, side, side, -1]).permute([0, 3, 1, 2]); // (1, D, side, side)
  const grid = resized(old, [h, w])
    .permute([0, 2, 3, 1])
    .reshape([1, h * w, -1]);
  const all = others === 0 ? grid : cat([wide.slice(1, 0, others), grid], 1);
  return { value: all, how: `${side} × ${side} positions to ${h} × ${w}` };
}

/**
 * The weights of patches of another side, so that a larger patch that was resized gives what the smaller one did: with R the
 * resizing of patches as a matrix, the least-squares solution w' of Rᵀ w' = w.
 *
 * Source: Beyer et al. 2023 (FlexiViT), arXiv 2212.08013, section 3.4.
 *
 * @param value (D, C, p, p) → (D, C, side, side)
 */
export function resampledPatches(value: Tensor, side: number): Fitted {
  const [width, channels, p, q] = value.shape as [number, number, number, number];
  if (value.ndim !== 4 || p !== q || p === side) return { value };
  const old = p * p;
  const basis = eye(old, { dtype: "float64" }).reshape([old, 1, p, p]);
  const transposed = resized(basis, [side, side])
    .reshape([old, side * side])
    .to("float64"); // Rᵀ
  const inverse = call("aten::linalg_pinv", transposed, 1e-15, false) as Tensor; // (side², p²)
  const flat = value.to("float64").reshape([width * channels, old]);
  const patches = flat.matmul(inverse.transpose(0, 1)).reshape([width, channels, side, side]);
  return { value: patches.to("float32"), how: `patches of ${p} × ${p} pixels to ${side} × ${side}` };
}
