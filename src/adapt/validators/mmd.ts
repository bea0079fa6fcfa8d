/** Closeness of the two domains' features. A small discrepancy means aligned domains, not aligned classes. */
import { stepTo } from "../../foundation/thinning.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { mmdSquared } from "../discrepancy.ts";
import { equalShares, sourceShares } from "../prior.ts";
import type { Validator } from "./validator.ts";

/** The cost grows with the square of the rows. */
const MOST_ROWS = 1024;

export const mmd: Validator = {
  name: "mmd",
  summary:
    "minus the maximum mean discrepancy between the domains' features, source images weighted by the expected prior",
  paper: "Gretton et al. 2012 (JMLR 13, 723)",
  needsTarget: true,
  score: ({ sourceFeatures, sourceLabels, targetFeatures, prior }) =>
    tidy(() => {
      const [fS, fT] = [thinned(sourceFeatures).to("float64"), thinned(targetFeatures).to("float64")];
      const labels = thinned(sourceLabels);
      const shares = sourceShares(ratioOf(prior, labels), labels).to("float64");
      return -mmdSquared(fS, fT, shares, equalShares(fT).to("float64")).item();
    }),
};

/** Every n-th row, at most MOST_ROWS. */
const thinned = (rows: Tensor): Tensor => rows.slice(0, 0, rows.shape[0]!, stepTo(rows.shape[0]!, MOST_ROWS));

/** Ratio of the expected to the present share of each class. */
function ratioOf(prior: readonly number[], labels: Tensor): number[] {
  const list = labels.numbers();
  return prior.map((share, k) => share / (list.filter((label) => label === k).length / list.length || share));
}
