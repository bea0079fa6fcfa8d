/** How fast this machine convolves, in float32 and in bfloat16. */
import { median } from "../../foundation/statistics.ts";
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

const WARM_UP = 1;
const ROUNDS = 5;

/** A 3 × 3 convolution of 64 to 64 channels, 64 images of 32 × 32, forward and backward: the median of 5. */
export function convolutionSpeed(): ConvolutionSpeed {
  return tidy(() => {
    const random = new Generator(0);
    const x = random.normal([64, 64, 32, 32]).withGrad();
    const weight = random.normal([64, 64, 3, 3]).withGrad();
    x.withGrad();
    weight.withGrad();
    return {
      float32: medianTime(() => convolve(x, weight, null)),
      bfloat16: medianTime(() => convolve(x, weight, "bfloat16")),
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

/** The median time of a body in milliseconds. */
function medianTime(body: () => void): number {
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const start = performance.now();
    body();
    if (round >= WARM_UP) times.push(performance.now() - start);
  }
  return median(times);
}
