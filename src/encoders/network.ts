/** A whole network by name: encoder, head, linear classifier. */
import type { z } from "zod";
import { refuse } from "../foundation/errors.ts";
import { GroupedLinear } from "../nn/grouped-linear.ts";
import { KernelClassifier, type KernelShape } from "../nn/kernel-classifier.ts";
import { Linear } from "../nn/linear.ts";
import { Network } from "../nn/network.ts";
import type { Generator } from "../torch/random.ts";
import type { Encoder } from "./encoder.ts";
import { Head, type headConfig } from "./head.ts";
import { buildEncoder } from "./registry.ts";
import { RingEncoder } from "./rings.ts";

/** What a network is built from. */
export interface NetworkOptions {
  /** The encoder's name. */
  encoder: string;
  /** The encoder's own configuration. */
  config?: Record<string, unknown>;
  /** The head's configuration; null for none. */
  head: z.output<typeof headConfig> | null;
  /** Channels (bands) of the images. */
  channels: number;
  /** Height and width of the images. */
  size?: readonly [number, number];
  /** Number of classes, K. */
  classes: number;
  /** The class index of each of the classifier's outputs, if classes have kinds; left out: one output a class. */
  classOf?: readonly number[];
  /** The classifier of a probe, which remembers graded rows, on what the network above sees; left out: there is none. */
  kernel?: KernelShape;
  /** Draws the initial weights, then serves the dropout layers. */
  generator: Generator;
}

/** A network whose encoder also returns feature maps. */
export type EncoderNetwork = Network & { readonly encoder: Encoder };

/**
 * @returns a network with state `encoder.…`, `head.…` (if there is one), `classifier.weight`, `classifier.bias`; of a
 *   probe all of this under `encoder.network.`, and `classifier.…` of `KernelClassifier`
 * @throws ArcletError for an unknown encoder, a wrong configuration, or fewer than two classes
 */
export function buildNetwork(options: NetworkOptions): EncoderNetwork {
  const { channels, size, classes, generator } = options;
  if (!(classes >= 2)) refuse("network", "classes", "two or more", classes);
  const encoder = buildEncoder(options.encoder, options.config ?? {}, {
    channels,
    generator,
    ...(size && { size }),
  });
  const head = options.head && new Head(encoder.features, options.head, generator);
  const width = head?.width ?? encoder.features;
  const { classOf, kernel } = options;
  const classifier =
    classOf === undefined
      ? new Linear(width, classes, generator)
      : new GroupedLinear(width, classOf, generator);
  const own = new Network(encoder, head, classifier) as EncoderNetwork;
  const network =
    kernel === undefined
      ? own
      : new Network(new RingEncoder(own, kernel), null, new KernelClassifier(kernel));
  return network.setGenerator(generator) as EncoderNetwork;
}
