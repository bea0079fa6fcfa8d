/** A small convolutional network that learns to tell simulated from real, tested on rows that it never saw. */
import { augment } from "../../dataset/views/augment.ts";
import { augmentation } from "../../dataset/views/augmenting/policy.ts";
import { buildNetwork } from "../../encoders/network.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { keyOf, permutation } from "../../foundation/random.ts";
import { AdamW } from "../../nn/optim/adamw.ts";
import { cosine } from "../../nn/schedule.ts";
import { noGrad } from "../../torch/autograd.ts";
import { tensor } from "../../torch/create.ts";
import { crossEntropy } from "../../torch/neural.ts";
import { Generator } from "../../torch/random.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

export interface NetworkProbe {
  readonly epochs: number;
  readonly seed: number;
  /** Called after each batch with how many images it had. */
  readonly tick?: (images: number) => void;
}

const WIDTHS = [16, 32, 64, 128];
const BATCH = 64;
const RATE = 2e-3;
/** Without the sky's own symmetries a few hundred images would be memorised. */
const VIEWS = augmentation.parse({ shift: 2 });

/**
 * Log-odds of real for the held-out rows, in their order. Both kinds weigh the same in the loss.
 *
 * @param images (N, C, H, W) float32, standardised
 * @param real 1 for a real row (N)
 * @param held 1 for rows that are scored, 0 for rows that are learned from (N)
 * @throws Interrupted when the user stops it
 */
export async function heldOutNetworkLogits(
  images: Tensor,
  real: Uint8Array,
  held: Uint8Array,
  { epochs, seed, tick = () => {} }: NetworkProbe,
): Promise<Float64Array> {
  const learned = Int32Array.from([...real.keys()].filter((i) => held[i] === 0));
  const tested = Int32Array.from([...real.keys()].filter((i) => held[i] === 1));
  const generator = new Generator(keyOf(seed, 1));
  const network = buildNetwork({
    encoder: "cnn",
    config: { widths: WIDTHS },
    head: null,
    channels: images.shape[1]!,
    classes: 2,
    generator,
  }).layout("channels_last");
  const optimizer = new AdamW(network.namedParameters(), { lr: RATE, weightDecay: 1e-2 });
  const steps = Math.ceil(learned.length / BATCH);
  const rate = cosine({ total: epochs * steps, warmup: steps });
  const weights = weightsOf(real, learned);
  const pick = (rows: Int32Array) => images.indexSelect(0, tensor(rows));
  try {
    for (let step = 0; step < epochs * steps; step++) {
      const epoch = Math.floor(step / steps);
      const order = permutation(learned.length, keyOf(seed, 2, epoch));
      const first = (step % steps) * BATCH;
      const rows = Int32Array.from(order.subarray(first, first + BATCH), (index) => learned[index]!);
      tidy(() => {
        network.train();
        const x = augment(pick(rows), VIEWS, generator).contiguous("channels_last");
        const labels = tensor(BigInt64Array.from(rows, (row) => BigInt(real[row]!)));
        const each = crossEntropy(network.forward(x), labels, "none"); // (B)
        const weight = tensor(Float32Array.from(rows, (row) => weights[real[row]!]!));
        optimizer.zeroGrad();
        each.mul(weight).sum().div(weight.sum()).backward();
        optimizer.factor = rate(step);
        optimizer.step();
        optimizer.zeroGrad();
      });
      tick(rows.length);
      await safePoint("nothing was written");
    }
    const logits = new Float64Array(tested.length);
    network.train(false);
    for (let start = 0; start < tested.length; start += 256) {
      tidy(() => {
        const out = noGrad(() =>
          network.forward(pick(tested.subarray(start, start + 256)).contiguous("channels_last")),
        );
        logits.set(out.select(1, 1).sub(out.select(1, 0)).data() as Float32Array, start);
      });
    }
    return logits;
  } finally {
    optimizer.dispose();
    network.dispose();
  }
}

/** Weights of a simulated and of a real row that give both kinds the same sum. */
function weightsOf(real: Uint8Array, rows: Int32Array): [number, number] {
  const reals = rows.reduce((sum, row) => sum + real[row]!, 0);
  return [rows.length / (2 * (rows.length - reals)), rows.length / (2 * reals)];
}
