/** Published weights into an encoder: names as they are, channels adapted to the images. */
import { ArcletError } from "../foundation/errors.ts";
import { noGrad } from "../torch/autograd.ts";
import { isZip, readPth } from "../torch/pth/read.ts";
import { readSafetensors } from "../torch/safetensors.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { Encoder } from "./encoder.ts";

export interface WeightsReport {
  /** The encoder's tensors that the file gave. */
  loaded: number;
  /** The encoder's names that the file lacks: these keep their initial values. */
  missing: string[];
  /** The file's names that the encoder has no place for, a classifier's for one. */
  unexpected: string[];
  /** Names whose values were changed to fit, and how. */
  adapted: Record<string, string>;
}

/** What names are prefixed with by those who save a network inside another. */
const PREFIXES = ["", "module.", "encoder.", "module.encoder.", "backbone.", "model."];

/**
 * Loads a safetensors or PyTorch file. The first convolution's channels are adapted as timm does it: for one channel the
 * sum over the file's three, for another number the three repeated and scaled by 3 / channels.
 *
 * @throws ArcletError when the file can't be read, fits the encoder in no name, or in a shape
 */
export function loadEncoderWeights(encoder: Encoder, path: string): WeightsReport {
  const tensors = isZip(path) ? readPth(path) : readSafetensors(path).tensors;
  try {
    return tidy(() => noGrad(() => fillFrom(encoder, path, tensors)));
  } finally {
    for (const one of tensors.values()) one.dispose();
  }
}

function fillFrom(encoder: Encoder, path: string, tensors: ReadonlyMap<string, Tensor>): WeightsReport {
  const own = encoder.state();
  const stem = [...own].find(([, value]) => value.ndim >= 4)?.[0];
  const prefix = best(PREFIXES, (one) => [...own.keys()].filter((name) => tensors.has(one + name)).length);
  const adapted: Record<string, string> = {};
  const state = new Map<string, Tensor>();
  const unexpected: string[] = [];
  for (const [full, value] of tensors) {
    const name = full.startsWith(prefix) ? full.slice(prefix.length) : undefined;
    const target = name === undefined ? undefined : own.get(name);
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
      problem: `has none of the encoder's ${own.size} tensors: the encoder begins with ${first(own)}, the file with ${first(tensors)}`,
    });
  const { missing } = encoder.load(state, { strict: false, where: path });
  // A count of batches is no weight; files of old versions lack it.
  const weights = missing.filter((name) => !name.endsWith("num_batches_tracked"));
  return { loaded: state.size, missing: weights, unexpected, adapted };
}

const first = (tensors: ReadonlyMap<string, Tensor>) => tensors.keys().next().value ?? "nothing";

const best = (options: readonly string[], count: (option: string) => number): string =>
  options.reduce((winner, option) => (count(option) > count(winner) ? option : winner));

/** Weights (O, I, …) of a first layer for another number of channels. */
function channelsOf(weight: Tensor, channels: number): { value: Tensor; how?: string } {
  const has = weight.shape[1];
  if (has === channels || has !== 3) return { value: weight };
  if (channels === 1) return { value: weight.sum(1, true), how: "3 channels summed to 1" };
  const times = weight.shape.map((_, i) => (i === 1 ? Math.ceil(channels / 3) : 1));
  const value = weight
    .repeat(times)
    .narrow(1, 0, channels)
    .mul(3 / channels);
  return { value, how: `3 channels repeated to ${channels}` };
}
