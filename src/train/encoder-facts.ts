/** What `arclet encoders` tells of an encoder: sizes from the network itself, speeds from runs of it. */
import { buildNetwork } from "../encoders/network.ts";
import { encoderEntry } from "../encoders/registry.ts";
import { noGrad } from "../torch/autograd.ts";
import { multiplyAdds } from "../torch/cost.ts";
import { zeros } from "../torch/create.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import { type NetworkTimes, timeNetwork } from "./timing.ts";

type ImageShape = readonly [batch: number, channels: number, height: number, width: number];

export interface EncoderFacts {
  name: string;
  parameters: number;
  /** Of the given batch. */
  multiplyAdds: number;
  features: number;
  /** Whether its features stay the same when the image is turned or mirrored. */
  invariant: boolean;
}

/** Seconds that each of the four timings takes at least. */
const SECONDS = 1;
/** The largest patch that divides the image and is at most an eighth of it. */
function patchFor(side: number): number {
  let patch = Math.max(1, side >> 3);
  while (side % patch !== 0) patch--;
  return patch;
}

export function encoderFacts(name: string, shape: ImageShape): EncoderFacts {
  const network = networkFor(name, shape);
  try {
    const { encoder } = network.train(false);
    const count = tidy(() => noGrad(() => multiplyAdds(() => encoder.forward(zeros(shape))).count));
    const parameters = encoder.parameters().reduce((sum, one) => sum + one.size, 0);
    const { invariant = false } = encoderEntry(name);
    return { name, parameters, multiplyAdds: count, features: encoder.features, invariant };
  } finally {
    network.dispose();
  }
}

export function encoderSpeed(name: string, shape: ImageShape): NetworkTimes {
  const network = networkFor(name, shape);
  try {
    return timeNetwork(network, shape, SECONDS);
  } finally {
    network.dispose();
  }
}

const networkFor = (encoder: string, [, channels, height, width]: ImageShape) =>
  tidy(() =>
    buildNetwork({
      encoder,
      config: encoder.startsWith("vit") ? { patch: patchFor(height) } : {},
      head: null,
      channels,
      size: [height, width],
      classes: 2,
      generator: new Generator(0),
    }),
  ).layout("channels_last");
