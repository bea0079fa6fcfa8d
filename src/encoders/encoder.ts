/** What an encoder is. */
import type { z } from "zod";
import type { TuningOf } from "../foundation/tuning.ts";
import { Module } from "../nn/module.ts";
import type { Generator } from "../torch/random.ts";
import type { Tensor } from "../torch/tensor.ts";

/** Features, and the map with positions that they were made from: explanations are drawn on it. */
export interface Mapped {
  /** (B, F, h, w) */
  map: Tensor;
  /** (B, features); its gradient reaches the map */
  features: Tensor;
}

/** Images (B, C, H, W) in, features (B, `features`) out. */
export abstract class Encoder extends Module {
  /** Length of the feature vector. */
  abstract readonly features: number;

  /** x (B, C, H, W) */
  abstract mapped(x: Tensor): Mapped;

  override forward(x: Tensor): Tensor {
    return this.mapped(x).features;
  }

  /** A weight of a file as this encoder needs it, and what was done to it; in most encoders as it is. */
  fitted(_name: string, value: Tensor): { value: Tensor; how?: string } {
    return { value };
  }
}

/** An encoder whose features are pooled from its last map. */
export abstract class ConvEncoder extends Encoder {
  /** The last map that still has positions, x (B, C, H, W) → (B, F, h, w). */
  abstract featureMap(x: Tensor): Tensor;

  /** From that map to the features, (B, F, h, w) → (B, features): the mean over positions. */
  pool(map: Tensor): Tensor {
    return map.mean([2, 3]);
  }

  override mapped(x: Tensor): Mapped {
    const map = this.featureMap(x);
    return { map, features: this.pool(map) };
  }
}

/** What every encoder is built from beside its own configuration. */
export interface BuildContext {
  /** Channels (bands) of the images. */
  channels: number;
  /** Height and width of the images, for encoders that take one size only; their own default where left out. */
  size?: readonly [number, number];
  /** Draws the initial weights. */
  generator: Generator;
}

/** What the registry knows of an encoder. */
export interface EncoderEntry<S extends z.ZodObject = z.ZodObject> {
  /** As on the command line; timm's own name where timm has the network. */
  readonly name: string;
  /** One line on what it is. */
  summary: string;
  /** The paper it is from. */
  paper: string;
  /** Whether its features stay the same when the image is turned or mirrored. */
  invariant?: boolean;
  /** What the map of `mapped` is, for readers of explanations: `the encoder's last feature map`. */
  map: string;
  /** Its configuration; every key has a description. */
  config: S;
  /** How each of its settings is varied by `arclet tune`. */
  tuning: TuningOf<S>;
  /** Settings by which it takes images of a size that the defaults don't fit: for tables of encoders, and for tests. */
  fitting?(size: readonly [height: number, width: number]): Partial<z.output<S>>;
  build(config: z.output<S>, context: BuildContext): Encoder;
}

/** Ties `build` to the type of its own configuration, then forgets that type for the table. */
export const encoderEntryOf = <S extends z.ZodObject>(value: EncoderEntry<S>): EncoderEntry =>
  value as unknown as EncoderEntry;
