/** Running means of predicted class probabilities, as AdaMatch keeps them (arXiv:2106.04732, section 3.3, and its code). */
import { Module } from "../nn/module.ts";
import { noGrad } from "../torch/autograd.ts";
import { tensor } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";

/** Momentum of the source's exponential mean (code). */
const MOMENTUM = 0.999;

/** State `source` (K), `target` (window, K), `seen` (). */
export class ClassMeans extends Module {
  private readonly source: Tensor;
  private readonly target: Tensor;
  private readonly seen: Tensor;

  /**
   * @param window batches in the target's moving mean; 128 in the code
   * @param start initial value of both means (K); 1/K each in the code
   */
  constructor(window: number, start: readonly number[]) {
    super();
    const classes = start.length;
    this.source = this.buffer("source", tensor(start, [classes]));
    this.target = this.buffer("target", tensor(start, [1, classes]).expand([window, classes]).contiguous());
    this.seen = this.buffer("seen", tensor(0, [], { dtype: "int64" }));
  }

  override forward(): Tensor {
    return this.sourceMean();
  }

  /** Adds a batch's probabilities to the means: pS (B, K) of the source, pT (B', K) of the target. */
  observe(pS: Tensor, pT: Tensor): void {
    noGrad(() =>
      tidy(() => {
        this.source.copy_(this.source.mul(MOMENTUM).add(pS.mean(0).mul(1 - MOMENTUM)));
        const index = this.seen.item() % this.target.shape[0]!;
        this.target.narrow(0, index, 1).copy_(pT.mean(0, true));
        this.seen.copy_(this.seen.add(1));
      }),
    );
  }

  /** p_s (K) */
  sourceMean(): Tensor {
    return this.source.mul(1);
  }
  /** p_t (K) */
  targetMean(): Tensor {
    return this.target.mean(0);
  }
}
