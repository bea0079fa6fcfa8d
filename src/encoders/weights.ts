/** Loads published weights into an encoder: same names, channels adapted to the images. */
import { ArcletError } from "../foundation/errors.ts";
import { noGrad } from "../torch/autograd.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { readTensors } from "../torch/weight-files.ts";
import type { Encoder, Fitted } from "./encoder.ts";

/** What a file of weights had, and lacked. */
export interface WeightsReport {
  /** How many of the encoder's tensors the file has. */
  loaded: number;
  /** What their names begin with in the file, `module.` for one; mostly nothing. */
  prefix: string;
  /** The encoder's names that the file lacks; they keep their initial values. */
  missing: string[];
  /** The file's names that the encoder lacks, such as a classifier's. */
  unexpected: string[];
  /** How values were changed to fit, by name. */
  adapted: Record<string, string>;
}

/**
 * Loads a safetensors or PyTorch file, or all files of an index of shards. The first convolution's channels are adapted as in
 * timm: for one channel the sum over the file's three, for any other number the three repeated and scaled by
 * 3 / channels; of a file of one channel it is repeated and scaled by 1 / channels, so that a grey image gives the same.
 *
 * @throws ArcletError when the file can't be read, has none of the encoder's names, has them under several prefixes, or a
 *   tensor of another shape
 */
export function loadEncoderWeights(encoder: Encoder, path: string): WeightsReport {
  const tensors = readTensors(path);
  try {
    return tidy(() => noGrad(() => fillFrom(encoder, path, tensors)));
  } finally {
    for (const tensor of tensors.values()) tensor.dispose();
  }
}

function fillFrom(encoder: Encoder, path: string, tensors: ReadonlyMap<string, Tensor>): WeightsReport {
  const targets = encoder.state();
  const stem = [...targets].find(([, value]) => value.ndim >= 4)?.[0];
  const prefix = prefixIn(path, tensors, targets);
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
    const stemmed: Fitted = name === stem ? channelsOf(value, target.shape[1]!) : { value };
    const fitted = encoder.fitted(name, stemmed.value, target.shape);
    const hows = [stemmed.how, fitted.how].filter((how) => how !== undefined);
    if (hows.length > 0) adapted[name] = hows.join(", ");
    state.set(name, fitted.value);
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
  return { loaded: state.size, prefix, missing: weights, unexpected, adapted };
}

const first = (tensors: ReadonlyMap<string, Tensor>) => tensors.keys().next().value ?? "nothing";

/**
 * What comes before the encoder's names in a file where the network was saved inside another, such as `module.` or
 * `encoder.`: the prefix that most of them have.
 */
function prefixIn(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  targets: ReadonlyMap<string, Tensor>,
): string {
  const counts = new Map<string, number>([["", 0]]);
  for (const full of tensors.keys())
    for (let at = 0; at >= 0; at = full.indexOf(".", at) + 1 || -1)
      if (targets.has(full.slice(at)))
        counts.set(full.slice(0, at), (counts.get(full.slice(0, at)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const prefixes = [...counts].filter(([, count]) => count === most).map(([prefix]) => prefix);
  if (prefixes.length > 1 && !prefixes.includes(""))
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `has the encoder's tensors ${prefixes.length} times, under ${prefixes.join(", ")}`,
      fix: "save those of one in a file of its own",
    });
  return prefixes.includes("") ? "" : prefixes[0]!;
}

/** Weights (O, I, …) of the first layer, adapted to another number of channels. */
function channelsOf(weight: Tensor, channels: number): Fitted {
  const inputs = weight.shape[1]!;
  if (inputs === channels || (inputs !== 3 && inputs !== 1)) return { value: weight };
  const from = inputs === 1 ? "1 channel" : "3 channels";
  if (channels === 1) return { value: weight.sum(1, true), how: `${from} summed to 1` };
  const times = weight.shape.map((_, i) => (i === 1 ? Math.ceil(channels / inputs) : 1));
  const value = weight
    .repeat(times)
    .narrow(1, 0, channels)
    .mul(inputs / channels);
  return { value, how: `${from} repeated to ${channels}` };
}
