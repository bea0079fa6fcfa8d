/** A classifier with more outputs than classes: each class has one output, or one for each of its kinds. */
import { cat, tensor } from "../torch/create.ts";
import { logsumexp } from "../torch/neural.ts";
import type { Generator } from "../torch/random.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Linear } from "./linear.ts";

/** x (B, D) → logits of the K classes (B, K); state as that of `Linear`, with a row for each output. */
export class GroupedLinear extends Linear {
  /** The class index of each output (O). */
  readonly classOf: readonly number[];

  constructor(input: number, classOf: readonly number[], generator: Generator) {
    super(input, classOf.length, generator);
    this.classOf = classOf;
  }

  /** x (B, D) → outputs (B, O) */
  outputs(x: Tensor): Tensor {
    return super.forward(x);
  }

  /** outputs (B, O) → logits of the classes (B, K) float32 */
  classLogits(outputs: Tensor): Tensor {
    return overClasses(outputs, this.classOf);
  }

  override forward(x: Tensor): Tensor {
    return this.classLogits(this.outputs(x));
  }
}

/**
 * log Σ exp z over each class's outputs: the softmax of these logits is the sum of the outputs' softmax over the class.
 *
 * @param z (B, O), @param classOf the class index of each output (O) → (B, K) float32
 */
export function overClasses(z: Tensor, classOf: readonly number[]): Tensor {
  const outputs = z.to("float32");
  const classes = Math.max(...classOf) + 1;
  return cat(
    Array.from({ length: classes }, (_, k) => {
      const own = [...classOf.keys()].filter((o) => classOf[o] === k);
      const index = tensor(BigInt64Array.from(own, BigInt), [own.length], { device: z.device });
      return logsumexp(outputs.indexSelect(1, index), 1, true); // (B, 1)
    }),
    1,
  );
}
