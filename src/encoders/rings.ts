/**
 * An encoder's maps pooled in rings around the image's centre, in place of one mean over all positions: a survey's cutouts are
 * centred on their object, and where an arc lies says much of it.
 */
import { cat, tensor } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Encoder, type Mapped } from "./encoder.ts";

/** Rings of equal width from the centre to the middle of a side. */
const RINGS = 4;

/** Features (B, Σ `parts`): each ring of each block's map, the means of its channels. */
export class RingEncoder extends Encoder {
  readonly base: Encoder;
  /** Channels of each ring, in the features' order. */
  readonly parts: readonly number[];
  readonly features: number;

  constructor(base: Encoder, parts: readonly number[]) {
    super();
    this.base = this.child("base", base);
    this.parts = parts;
    this.features = parts.reduce((sum, width) => sum + width, 0);
  }

  override mapped(x: Tensor): Mapped {
    const maps = this.base.blockMaps(x);
    return { map: maps[maps.length - 1]!, features: pooledInRings(maps).features };
  }

  override blockNames() {
    return this.base.blockNames().map((names) => names.map((name) => `base.${name}`));
  }
}

/**
 * @param maps each (B, F, h, w)
 * @returns features (B, Σ parts), and the channels of each ring
 */
export function pooledInRings(maps: readonly Tensor[]): { features: Tensor; parts: number[] } {
  const rings = maps.flatMap((map) => {
    const [batch, channels, height, width] = map.shape as [number, number, number, number];
    const weights = ringWeights(height, width);
    const masks = tensor(weights.flat(), [weights.length, height * width], {
      dtype: "float32",
      device: map.device,
    });
    const flat = map.to("float32").reshape([batch, channels, height * width]);
    const pooled = flat.matmul(masks.transpose(0, 1)); // (B, F, rings)
    const features = pooled.transpose(1, 2).reshape([batch, weights.length * channels]);
    return [{ features, parts: weights.map(() => channels) }];
  });
  return {
    features: cat(
      rings.map((ring) => ring.features),
      1,
    ),
    parts: rings.flatMap((ring) => ring.parts),
  };
}

/**
 * A ring's weights of all positions, sum 1; of rings that hold a position. Ring k is from k / 4 to (k + 1) / 4 of half a side;
 * what is further out belongs to none.
 */
export function ringWeights(height: number, width: number): number[][] {
  const ringOf = Array.from({ length: height * width }, (_, position) => {
    const x = (2 * (position % width) + 1 - width) / width;
    const y = (2 * Math.floor(position / width) + 1 - height) / height;
    return Math.floor(RINGS * Math.hypot(x, y));
  });
  return Array.from({ length: RINGS }, (_, k) => k).flatMap((k) => {
    const count = ringOf.filter((ring) => ring === k).length;
    return count === 0 ? [] : [ringOf.map((ring) => (ring === k ? 1 / count : 0))];
  });
}
