/** A network's speed on this machine. */
import type { Network } from "../nn/network.ts";
import { AdamW } from "../nn/optim/adamw.ts";
import { autocast, noGrad } from "../torch/autograd.ts";
import { tensor } from "../torch/create.ts";
import { imageLayout } from "../torch/machine.ts";
import { crossEntropy } from "../torch/neural.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import { bfloat16Cost, isHopeless } from "./bfloat16-cost.ts";
import type { Precision } from "./precision.ts";
import { deviceOf } from "./predict.ts";

/** Seconds of the fastest training step and of the fastest scoring pass, by precision; infinite for one that was not timed. */
export interface NetworkTimes {
  train: Record<Precision, number>;
  score: Record<Precision, number>;
}

const PRECISIONS = ["float32", "bfloat16"] as const;

/** The precisions that are worth timing on a device. */
export const worthTiming = (device: string): readonly Precision[] =>
  isHopeless(bfloat16Cost(device)) ? ["float32"] : PRECISIONS;

/**
 * Times a network on random images, on its own device. Its weights change.
 *
 * @param shape of a batch: [B, C, H, W]
 * @param seconds spent on each timing, one of training and one of scoring for each precision
 * @param precisions that are timed, both by default
 */
export function timeNetwork(
  network: Network,
  shape: readonly [number, number, number, number],
  seconds: number,
  precisions: readonly Precision[] = PRECISIONS,
): NetworkTimes {
  const generator = new Generator(0);
  const optimizer = new AdamW(network.namedParameters(), { lr: 1e-4 });
  const device = deviceOf(network);
  const x = tidy(() => generator.normal(shape).toDevice(device).contiguous(imageLayout(device)));
  const labels = Array.from({ length: shape[0] }, (_, i) => i % 2);
  const y = tensor(labels, [shape[0]], { dtype: "int64", device });
  const lowered = <T>(precision: Precision, body: () => T): T =>
    autocast(precision === "float32" ? null : precision, body, device);
  // A number is read at the end, since a call on a GPU returns before its work is done.
  const step = (precision: Precision) =>
    tidy(() => {
      optimizer.zeroGrad();
      const loss = crossEntropy(lowered(precision, () => network.forward(x)).to("float32"), y);
      loss.backward();
      optimizer.step();
      loss.item();
    });
  const pass = (precision: Precision) =>
    tidy(() =>
      noGrad(() =>
        lowered(precision, () => network.forward(x))
          .to("float32")
          .sum()
          .item(),
      ),
    );
  try {
    network.train(true);
    const train = untimed();
    for (const precision of precisions) train[precision] = fastest(seconds, () => step(precision));
    network.train(false);
    const score = untimed();
    for (const precision of precisions) score[precision] = fastest(seconds, () => pass(precision));
    return { train, score };
  } finally {
    optimizer.dispose();
    x.dispose();
    y.dispose();
  }
}

const untimed = (): Record<Precision, number> => ({
  float32: Number.POSITIVE_INFINITY,
  bfloat16: Number.POSITIVE_INFINITY,
});

/** Seconds of the fastest call, since other work on the machine can only slow one down; two calls warm up. */
function fastest(seconds: number, body: () => void): number {
  for (let i = 0; i < 2; i++) body();
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + 1000 * seconds;
  do {
    const start = performance.now();
    body();
    least = Math.min(least, (performance.now() - start) / 1000);
  } while (performance.now() < end);
  return least;
}
