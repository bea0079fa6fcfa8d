/** Minimum class confusion in plain numbers. */
import { entropy, K, softmax, sum } from "./plain-network.ts";

/** The confusion of classes, image weights from the predictions of `at`. */
export function confusion(zT: number[][], at: number[][], T: number): number {
  const y = zT.map((z) => softmax(z.map((value) => value / T)));
  const certain = at.map((z) => 1 + Math.exp(-entropy(softmax(z.map((value) => value / T)))));
  const w = certain.map((value) => (value * certain.length) / sum(certain));
  let total = 0;
  for (let j = 0; j < K; j++) {
    const row = Array.from({ length: K }, (_, k) => sum(y.map((p, i) => w[i]! * p[j]! * p[k]!)));
    total += (sum(row) - row[j]!) / sum(row) / K;
  }
  return total;
}
