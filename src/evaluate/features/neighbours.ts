/** Nearest neighbours in feature space, by cosine distance. */
import { call } from "../../torch/call.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

export interface Neighbour {
  readonly row: number;
  /** 1 − cos of the angle between the two features: 0 alike, 1 at right angles, 2 opposite. */
  readonly distance: number;
}

/**
 * The `count` rows nearest to a row, without itself; equal distances in the rows' order.
 *
 * @param features row-major (N, F)
 */
export function nearestRows(features: Float32Array, width: number, row: number, count: number): Neighbour[] {
  const distances = tidy(() => {
    const x = tensor(features, [features.length / width, width]).to("float64");
    const length = call("aten::linalg_vector_norm", x, 2, [1], true) as Tensor;
    const unit = x.div(length.clamp(1e-300)); // zero features are at right angles to all
    return unit
      .matmul(unit.narrow(0, row, 1).transpose(0, 1))
      .rsub(1)
      .clamp(0)
      .squeeze(1)
      .data() as Float64Array;
  });
  return [...distances.keys()]
    .filter((other) => other !== row)
    .sort((a, b) => distances[a]! - distances[b]! || a - b)
    .slice(0, count)
    .map((other) => ({ row: other, distance: distances[other]! }));
}
