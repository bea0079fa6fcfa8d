/**
 * Soft neighbourhood density. Each target prediction's similarity to all others becomes, through a softmax with
 * a low temperature, a distribution over neighbours; its entropy is high if there are many close neighbours,
 * that is, if the target forms dense clusters.
 *
 * Source: Saito et al. 2021, arXiv:2108.10860, eq. 3-5 (similarities of L2-normalised softmax outputs,
 * temperature 0.05, an object is not its own neighbour).
 *
 * Our deviation: of more than 4,096 rows every n-th is used, since the cost grows with the square.
 */
import { stepTo } from "../../foundation/thinning.ts";
import { arange } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Validator } from "./validator.ts";

const TEMPERATURE = 0.05;
const MOST_ROWS = 4096;
const CHUNK = 512;

export const snd: Validator = {
  name: "snd",
  summary:
    "soft neighbourhood density of the target's predictions: dense clusters score high; blind to a collapse into one class",
  paper: "Saito et al. 2021 (arXiv:2108.10860)",
  needsTarget: true,
  score: ({ targetLogits }) => neighbourhoodDensity(targetLogits),
};

function neighbourhoodDensity(logits: Tensor): number {
  return tidy(() => {
    const n = logits.shape[0]!;
    const thinned = logits.slice(0, 0, n, stepTo(n, MOST_ROWS));
    const p = thinned.to("float64").softmax(1); // (N, K)
    const unit = p.div(p.norm(1, true));
    const rows = unit.shape[0]!;
    if (rows < 2) return 0; // a lone object has no neighbour
    const all = unit.transpose(0, 1).contiguous(); // (K, N)
    const columns = arange(0, rows).unsqueeze(0); // (1, N)
    let sum = 0;
    for (let start = 0; start < rows; start += CHUNK) {
      const length = Math.min(CHUNK, rows - start);
      sum += tidy(() => {
        const self = columns.eq(arange(start, start + length).unsqueeze(1)); // (n, N)
        const similarity = unit.narrow(0, start, length).matmul(all).div(TEMPERATURE); // (n, N)
        const logQ = similarity.maskedFill(self, Number.NEGATIVE_INFINITY).logSoftmax(1);
        return -logQ.exp().mul(logQ.maskedFill(self, 0)).sum().item();
      });
    }
    return sum / rows;
  });
}
