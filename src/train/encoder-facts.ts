/** What `arclet encoders` shows of an encoder: its sizes, and its speed as measured here. */
import { buildNetwork } from "../encoders/network.ts";
import { encoders } from "../encoders/registry.ts";
import { noGrad } from "../torch/autograd.ts";
import { multiplyAdds } from "../torch/cost.ts";
import { zeros } from "../torch/create.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import { deviceOf } from "./predict.ts";
import { type NetworkTimes, timeNetwork, worthTiming } from "./timing.ts";

type ImageShape = readonly [batch: number, channels: number, height: number, width: number];

export interface EncoderFacts {
  name: string;
  parameters: number;
  /** For the given batch. */
  multiplyAdds: number;
  features: number;
  /** Whether its features stay the same when the image is rotated or mirrored. */
  invariant: boolean;
}

/** The least seconds that each timing takes. */
const SECONDS = 1;

export function encoderFacts(name: string, shape: ImageShape): EncoderFacts {
  const network = networkFor(name, shape);
  try {
    const { encoder } = network.train(false);
    const count = tidy(() => noGrad(() => multiplyAdds(() => encoder.forward(zeros(shape))).count));
    const parameters = encoder.parameters().reduce((sum, { size }) => sum + size, 0);
    const { invariant = false } = encoders.find(name);
    return { name, parameters, multiplyAdds: count, features: encoder.features, invariant };
  } finally {
    network.dispose();
  }
}

export function encoderSpeed(name: string, shape: ImageShape): NetworkTimes {
  const network = networkFor(name, shape);
  try {
    return timeNetwork(network, shape, SECONDS, worthTiming(deviceOf(network)));
  } finally {
    network.dispose();
  }
}

const networkFor = (encoder: string, [, channels, height, width]: ImageShape) =>
  tidy(() =>
    buildNetwork({
      encoder,
      config: encoders.find(encoder).fitting?.([height, width]) ?? {},
      head: null,
      channels,
      size: [height, width],
      classes: 2,
      generator: new Generator(0),
    }),
  ).layout("channels_last");
