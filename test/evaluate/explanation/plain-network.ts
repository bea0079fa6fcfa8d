/** A network made by hand, whose class activation map is known: the map is the input, after a ReLU. */
import type { Preprocessing } from "../../../src/dataset/views/preprocessing/registry.ts";
import { ConvEncoder } from "../../../src/encoders/encoder.ts";
import type { EncoderNetwork } from "../../../src/encoders/network.ts";
import { Linear } from "../../../src/nn/linear.ts";
import { Network } from "../../../src/nn/network.ts";
import { noGrad } from "../../../src/torch/autograd.ts";
import { tensor } from "../../../src/torch/create.ts";
import { Generator } from "../../../src/torch/random.ts";
import { tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";

class Itself extends ConvEncoder {
  readonly features: number;
  constructor(channels: number) {
    super();
    this.features = channels;
  }
  override featureMap(x: Tensor): Tensor {
    return x.relu();
  }
  override blockNames() {
    return [];
  }
}

/** @param weights of the classes' logits on the channels' means (K, C) */
export function plainNetwork(weights: number[][], bias: number[]): EncoderNetwork {
  const channels = weights[0]!.length;
  const classifier = tidy(() => {
    const layer = new Linear(channels, weights.length, new Generator(0));
    noGrad(() => {
      layer.weight.copy_(tensor(weights));
      layer.bias!.copy_(tensor(bias));
    });
    return layer;
  });
  return new Network(new Itself(channels), null, classifier).train(false) as EncoderNetwork;
}

/** A preprocessing that changes nothing but the type: (x − 0) / 1. */
export const asTheyAre = (channels: number): Preprocessing => ({
  version: 1,
  kind: "standardise",
  bands: Array.from({ length: channels }, (_, k) => `band${k}`),
  pixelScale: 0.2,
  pixels: "flux",
  mean: new Array(channels).fill(0),
  sd: new Array(channels).fill(1),
});
