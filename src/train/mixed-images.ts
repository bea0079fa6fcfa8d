/** Predictions of mixed images, each made of two target images as the network takes them, for validators. */
import { MIX, mixedPairs } from "../adapt/validators/mixval.ts";
import type { ImageDomain, Rows } from "../dataset/dataset.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { safePoint } from "../foundation/interrupt.ts";
import type { Network } from "../nn/network.ts";
import { noGrad } from "../torch/autograd.ts";
import { stack, tensor } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { asInput, deviceOf } from "./predict.ts";

const BATCH = 256;

/** Pairs of a domain's rows with the logits of their mixed images. */
export interface MixedOutputs {
  /** Indices into the rows. */
  pairs: readonly (readonly [first: number, second: number])[];
  /** (P, K), row-major */
  logits: Float32Array;
}

/**
 * Predicts mixed images, batch by batch. The network is left in eval mode.
 *
 * @param logits of the rows, (M, K) row-major
 * @param saved as in `safePoint`
 * @throws Interrupted when the user stops it
 */
export async function predictMixed(
  network: Network,
  preprocessing: Preprocessing,
  domain: ImageDomain,
  rows: Rows,
  logits: Float32Array,
  saved: string,
): Promise<MixedOutputs> {
  const classes = logits.length / rows.length;
  const predicted = tidy(() => tensor(logits, [rows.length, classes]).argmax(1).numbers());
  const pairs = mixedPairs(predicted);
  const made = new Float32Array(pairs.length * classes);
  const device = deviceOf(network);
  const input = (which: readonly number[]) =>
    asInput(preprocessing, domain.images(Int32Array.from(which, (i) => rows[i]!)), device);
  network.train(false);
  for (let start = 0; start < pairs.length; start += BATCH) {
    const part = pairs.slice(start, start + BATCH);
    tidy(() => {
      const [first, second] = [input(part.map(([i]) => i)), input(part.map(([, j]) => j))];
      const mixed = noGrad(() => network.forward(first.lerp(second, 1 - MIX)));
      made.set(mixed.to("float32").data() as Float32Array, start * classes);
    });
    await safePoint(saved);
  }
  return { pairs, logits: made };
}

/** (P, 3, K): the logits of each pair's first image, of its second and of the mixed one. @param logits (M, K) */
export function mixedTensor(logits: Tensor, { pairs, logits: made }: MixedOutputs): Tensor {
  const classes = logits.shape[1]!;
  const picked = (which: 0 | 1) =>
    logits.indexSelect(0, tensor(BigInt64Array.from(pairs, (pair) => BigInt(pair[which]))));
  const parts = [picked(0), picked(1), tensor(made, [pairs.length, classes])];
  return stack(parts, 1);
}
