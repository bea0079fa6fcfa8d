/** Principal components (Pearson 1901) by the singular values of the centred features. */
import { call } from "../../torch/call.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** Principal components of features (N, F). */
export interface Principal {
  /** Row-major (N, k). */
  readonly coordinates: Float64Array;
  /** Each component's share of the whole variance (k). */
  readonly shares: readonly number[];
  /** Root of the variance summed over features. */
  readonly spread: number;
}

/**
 * The first k components. Signs are such that a component's largest loading is positive.
 *
 * @param x (N, F) float64, k at most min(N, F)
 */
export function principal(x: Tensor, k: number): Principal {
  return tidy(() => {
    const centred = x.sub(x.mean([0], true));
    const [U, S, V] = call("aten::linalg_svd", centred, false) as unknown as [Tensor, Tensor, Tensor];
    const rows = V.narrow(0, 0, k); // (k, F)
    const largest = rows.abs().argmax(1).unsqueeze(1);
    const sign = rows.gather(1, largest).sign().transpose(0, 1); // (1, k)
    const coordinates = U.narrow(1, 0, k)
      .mul(S.narrow(0, 0, k))
      .mul(sign);
    const squares = S.square().numbers();
    const all = squares.reduce((sum, value) => sum + value, 0);
    return {
      coordinates: coordinates.contiguous().data() as Float64Array,
      shares: squares.slice(0, k).map((value) => (all > 0 ? value / all : 0)),
      spread: Math.sqrt(all / x.shape[0]!),
    };
  });
}
