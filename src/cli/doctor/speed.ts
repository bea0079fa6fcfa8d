/** How fast this machine convolves, in float32 and in bfloat16. */
import { autocast } from "../../torch/autograd.ts";
import { conv2d } from "../../torch/neural.ts";
import { Generator } from "../../torch/random.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

export interface ConvolutionSpeed {
  /** Milliseconds of one convolution with its gradient. */
  float32: number;
  bfloat16: number;
}

/** Rounds of each precision; the fastest counts, since other work on the machine can only slow a round down. */
const ROUNDS = 5;
/** Milliseconds after which a slow machine starts no further round. */
const LONG_ENOUGH = 200;

/** A 3 × 3 convolution of 64 to 64 channels, 16 images of 32 × 32, forward and backward: the fastest of up to 5. */
export function convolutionSpeed(): ConvolutionSpeed {
  return tidy(() => {
    const random = new Generator(0);
    const x = random.normal([16, 64, 32, 32]).withGrad();
    const weight = random.normal([64, 64, 3, 3]).withGrad();
    return {
      float32: fastest(() => convolve(x, weight, null)),
      bfloat16: fastest(() => convolve(x, weight, "bfloat16")),
    };
  });
}

function convolve(x: Tensor, weight: Tensor, precision: "bfloat16" | null): void {
  tidy(() =>
    autocast(precision, () => conv2d(x, weight, { padding: 1 }))
      .sum()
      .backward(),
  );
}

/** The shortest time of `body` in milliseconds. The first round, which prepares kernels, is not counted. */
function fastest(body: () => void): number {
  body();
  let least = Number.POSITIVE_INFINITY;
  const began = performance.now();
  for (let round = 0; round < ROUNDS && performance.now() - began < LONG_ENOUGH; round++) {
    const start = performance.now();
    body();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
