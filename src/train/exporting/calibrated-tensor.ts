/** The calibration of `adapt/calibration/calibrator.ts` as operators on tensors, so that it can be part of a graph. */
import type { Calibration, Calibrator } from "../../adapt/calibration/calibrator.ts";
import type { Isotonic } from "../../adapt/calibration/isotonic.ts";
import { cat, tensor } from "../../torch/create.ts";
import type { Tensor } from "../../torch/tensor.ts";

/**
 * Calibrated probabilities under another prior: those of `calibrated`, then of `correctPrior`.
 *
 * @param logits (B, K) float32
 * @param by a calibration that the calibrator knows
 * @param prior that they are corrected to (K)
 * @returns (B, K) float32
 */
export function calibratedTensor(
  calibrator: Calibrator,
  by: Calibration,
  logits: Tensor,
  prior: readonly number[],
): Tensor {
  const own = by === "isotonic" ? isotonic(calibrator, logits) : softened(calibrator, by, logits);
  const factors = prior.map((share, k) => share / calibrator.prior[k]!);
  const weighed = own.mul(tensor(factors, [1, factors.length], { dtype: own.dtype }));
  return weighed.div(weighed.sum(1, true)).to("float32");
}

/** softmax(z / T + b); without biases b = 0. */
function softened(
  { temperature, biasCorrected }: Calibrator,
  by: "bias-corrected" | "temperature",
  logits: Tensor,
): Tensor {
  if (by === "temperature") return logits.div(temperature).softmax(1);
  const { temperature: own, bias } = biasCorrected!;
  return logits
    .div(own)
    .add(tensor(bias, [1, bias.length]))
    .softmax(1);
}

/** In float64, as corners of the function can lie nearer to 0 or 1 than float32 resolves. */
function isotonic({ rows, isotonic: functions }: Calibrator, logits: Tensor): Tensor {
  const p = logits.to("float64").softmax(1);
  const least = 1 / (2 * rows);
  const columns = functions.map((each, c) => isotonicAt(each, p.narrow(1, c, 1)).clamp(least, 1 - least));
  const all = cat(columns, 1);
  return all.div(all.sum(1, true));
}

/** y₀ + Σ_j (y_{j+1} − y_j) · clamp((x − x_j) / (x_{j+1} − x_j), 0, 1), at x (B, 1) */
function isotonicAt({ x, y }: Isotonic, at: Tensor): Tensor {
  const rising = x.slice(1).flatMap((to, j) => (y[j + 1]! > y[j]! ? [{ from: x[j]!, to, j }] : []));
  if (rising.length === 0) return at.mul(0).add(y[0]!);
  const row = (values: readonly number[]) => tensor(values, [1, values.length], { dtype: "float64" });
  const way = at.sub(row(rising.map(({ from }) => from))).div(row(rising.map(({ from, to }) => to - from)));
  const steps = row(rising.map(({ j }) => y[j + 1]! - y[j]!));
  return way.clamp(0, 1).mul(steps).sum(1, true).add(y[0]!);
}
