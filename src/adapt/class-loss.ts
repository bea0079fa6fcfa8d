/** The cross-entropy of the source's labels. */
import { crossEntropy } from "../torch/neural.ts";
import type { Tensor } from "../torch/tensor.ts";

/** L_cls = −E[log softmax(C(M(x)))_y]. logits (B, K), labels (B) */
export const lossCls = (logits: Tensor, labels: Tensor, smoothing = 0): Tensor =>
  crossEntropy(logits.to("float32"), labels, "mean", smoothing);
