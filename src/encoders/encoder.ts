/** What an encoder is. */
import type { z } from "zod";
import type { TuningOf } from "../foundation/tuning.ts";
import { Module } from "../nn/module.ts";
import type { Generator } from "../torch/random.ts";
import type { Shape, Tensor } from "../torch/tensor.ts";

/** Features, and the map from which they were pooled, on which explanations are drawn. */
export interface Mapped {
  /** (B, F, h, w) */
  map: Tensor;
  /** (B, features); its gradient reaches the map */
  features: Tensor;
}

export interface MappedBlocks {
  /** From the image on, each (B, F, h, w); the last is that of `mapped`. Of an invariant encoder they move with the image. */
  maps: readonly Tensor[];
  /** (B, features) */
  features: Tensor;
}

/** A weight from a file, and how it was changed to fit. */
export interface Fitted {
  value: Tensor;
  how?: string;
}

/** Images (B, C, H, W) in, features (B, `features`) out. */
export abstract class Encoder extends Module {
  /** Length of the feature vector. */
  abstract readonly features: number;

  /** x (B, C, H, W) */
  abstract mapped(x: Tensor): Mapped;

  /**
   * Its blocks in their order, from the image on, so that fine-tuning can train the last ones: of each, beginnings of its
   * parameters' names. Every parameter is in exactly one block.
   */
  abstract blockNames(): readonly (readonly string[])[];

  /** Maps of its blocks and its features, in one pass, x (B, C, H, W); an encoder that names no blocks has its last map. */
  mappedBlocks(x: Tensor): MappedBlocks {
    const { map, features } = this.mapped(x);
    return { maps: [map], features };
  }

  override forward(x: Tensor): Tensor {
    return this.mapped(x).features;
  }

  /**
   * A weight from a file, made to fit this encoder, and what was changed; most encoders change nothing.
   *
   * @param _shape what the encoder has under this name
   */
  fitted(_name: string, value: Tensor, _shape: Shape): Fitted {
    return { value };
  }
}

/** An encoder whose features are pooled from its last map. */
export abstract class ConvEncoder extends Encoder {
  /** The last feature map, x (B, C, H, W) → (B, F, h, w). */
  abstract featureMap(x: Tensor): Tensor;

  /** Maps of its blocks, from the image on; of an encoder that names none, the last. */
  blockMaps(x: Tensor): readonly Tensor[] {
    return [this.featureMap(x)];
  }

  override mappedBlocks(x: Tensor): MappedBlocks {
    const maps = this.blockMaps(x);
    return { maps, features: this.pool(maps[maps.length - 1]!) };
  }

  /** From that map to the features, (B, F, h, w) → (B, features): by default the mean over positions. */
  pool(map: Tensor): Tensor {
    return map.mean([2, 3]);
  }

  override mapped(x: Tensor): Mapped {
    const map = this.featureMap(x);
    return { map, features: this.pool(map) };
  }
}

/** What every encoder is built from, besides its own configuration. */
export interface BuildContext {
  /** Channels (bands) of the images. */
  channels: number;
  /** Height and width of the images, for encoders that take one size only; by default their own. */
  size?: readonly [number, number];
  /** Draws the initial weights. */
  generator: Generator;
}

/** An encoder in the registry. */
export interface EncoderEntry<S extends z.ZodObject = z.ZodObject> {
  /** As on the command line; timm's name if timm has the network. */
  readonly name: string;
  /** What it is, in one line. */
  summary: string;
  /** Its paper. */
  paper: string;
  /** Whether its features don't change when the image is rotated or mirrored. */
  invariant?: boolean;
  /** What the map of `mapped` is, for readers of explanations: `the encoder's last feature map`. */
  map: string;
  /** Its configuration; every key has a description. */
  config: S;
  /** How `arclet tune` varies each of its settings. */
  tuning: TuningOf<S>;
  /** Settings for images of a size that the defaults don't fit: for comparisons of encoders, and tests. */
  fitting?(size: readonly [height: number, width: number]): Partial<z.output<S>>;
  /** A fresh encoder of that configuration. @param context channels of the images, and where randomness comes from */
  build(config: z.output<S>, context: BuildContext): Encoder;
}

/** An encoder with its own name and configuration in its type. */
export type NamedEncoder<Name extends string, S extends z.ZodObject> = EncoderEntry<S> & {
  readonly name: Name;
};

/** Checks `build` against the type of its own configuration, and keeps that type and the name. */
export const encoderEntryOf = <const Name extends string, S extends z.ZodObject>(
  value: NamedEncoder<Name, S>,
): NamedEncoder<Name, S> => value;
