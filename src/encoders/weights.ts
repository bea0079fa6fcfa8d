/** Loads published weights into an encoder: same names, channels adapted to the images. */
import { ArcletError } from "../foundation/errors.ts";
import { noGrad } from "../torch/autograd.ts";
import { isZip, readPth } from "../torch/pth/read.ts";
import { readSafetensors } from "../torch/safetensors.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { Encoder } from "./encoder.ts";

export interface WeightsReport {
  /** How many of the encoder's tensors the file has. */
  loaded: number;
  /** The encoder's names that the file lacks; they keep their initial values. */
  missing: string[];
  /** The file's names that the encoder lacks, such as a classifier's. */
  unexpected: string[];
  /** How values were changed to fit, by name. */
  adapted: Record<string, string>;
}

/** Prefixes of names in files where the network was saved inside another. */
const PREFIXES = ["", "module.", "encoder.", "module.encoder.", "backbone.", "model."];

/**
 * Loads a safetensors or PyTorch file. The first convolution's channels are adapted as in timm: for one channel the sum
 * over the file's three, for any other number the three repeated and scaled by 3 / channels.
 *
 * @throws ArcletError when the file can't be read, has none of the encoder's names, or a tensor of another shape
 */
export function loadEncoderWeights(encoder: Encoder, path: string): WeightsReport {
  const tensors = isZip(path) ? readPth(path) : readSafetensors(path).tensors;
  try {
    return tidy(() => noGrad(() => fillFrom(encoder, path, tensors)));
  } finally {
    for (const tensor of tensors.values()) tensor.dispose();
  }
}

function fillFrom(encoder: Encoder, path: string, tensors: ReadonlyMap<string, Tensor>): WeightsReport {
  const targets = encoder.state();
  const stem = [...targets].find(([, value]) => value.ndim >= 4)?.[0];
  const prefix = best(
    PREFIXES,
    (option) => [...targets.keys()].filter((name) => tensors.has(option + name)).length,
  );
  const adapted: Record<string, string> = {};
  const state = new Map<string, Tensor>();
  const unexpected: string[] = [];
  for (const [full, value] of tensors) {
    const name = full.startsWith(prefix) ? full.slice(prefix.length) : undefined;
    const target = name === undefined ? undefined : targets.get(name);
    if (name === undefined || target === undefined) {
      unexpected.push(full);
      continue;
    }
    const { value: fitted, how } =
      name === stem ? channelsOf(value, target.shape[1]!) : encoder.fitted(name, value);
    if (how !== undefined) adapted[name] = how;
    state.set(name, fitted);
  }
  if (state.size === 0)
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `has none of the encoder's ${targets.size} tensors: the encoder begins with ${first(targets)}, the file with ${first(tensors)}`,
    });
  const { missing } = encoder.load(state, { strict: false, where: path });
  // Counts of batches are not weights, and old files lack them.
  const weights = missing.filter((name) => !name.endsWith("num_batches_tracked"));
  return { loaded: state.size, missing: weights, unexpected, adapted };
}

const first = (tensors: ReadonlyMap<string, Tensor>) => tensors.keys().next().value ?? "nothing";

const best = (options: readonly string[], count: (option: string) => number): string =>
  options.reduce((winner, option) => (count(option) > count(winner) ? option : winner));

/** Weights (O, I, …) of the first layer, adapted to another number of channels. */
function channelsOf(weight: Tensor, channels: number): { value: Tensor; how?: string } {
  const inputs = weight.shape[1];
  if (inputs === channels || inputs !== 3) return { value: weight };
  if (channels === 1) return { value: weight.sum(1, true), how: "3 channels summed to 1" };
  const times = weight.shape.map((_, i) => (i === 1 ? Math.ceil(channels / 3) : 1));
  const value = weight
    .repeat(times)
    .narrow(1, 0, channels)
    .mul(3 / channels);
  return { value, how: `3 channels repeated to ${channels}` };
}
