/**
 * An encoder's maps pooled in rings around the image's centre, in place of one mean over all positions: a survey's cutouts are
 * centred on their object, and where an arc lies says much of it.
 */

import type { Network } from "../nn/network.ts";
import { cat, tensor } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Encoder, type Mapped } from "./encoder.ts";

/** Rings of equal width from the centre to the middle of a side. */
const RINGS = 4;

/** A network's log odds are cut off at ±10: beyond, they say no more. */
const MOST_ODDS = 10;

/** What a probe sees of images. */
export interface Seen {
  /** (B, Σ parts): each ring of each block's map, the means of its channels. */
  rings: Tensor;
  /** Channels of each ring. */
  parts: readonly number[];
  /** The network's own log odds of a class (B, 1). */
  own: Tensor;
  /** The last block's map. */
  map: Tensor;
}

/** @param positive the class of the odds, x (B, C, H, W) */
export function seenBy(network: Network & { readonly encoder: Encoder }, positive: 0 | 1, x: Tensor): Seen {
  const { maps, features } = network.encoder.mappedBlocks(x);
  const { features: rings, parts } = pooledInRings(maps);
  const headed = network.head === null ? features : network.head.forward(features);
  const logits = network.classifier.forward(headed).to("float32"); // (B, 2)
  const own = logits
    .narrow(1, positive, 1)
    .sub(logits.narrow(1, 1 - positive, 1))
    .clamp(-MOST_ODDS, MOST_ODDS);
  return { rings, parts, own, map: maps[maps.length - 1]! };
}

/** A whole network as the encoder of a probe: features (B, Σ `parts` + 1), its maps in rings and its own log odds. */
export class RingEncoder extends Encoder {
  readonly network: Network & { readonly encoder: Encoder };
  readonly features: number;
  private readonly positive: 0 | 1;

  constructor(
    network: Network & { readonly encoder: Encoder },
    { parts, positive }: { readonly parts: readonly number[]; readonly positive: 0 | 1 },
  ) {
    super();
    this.network = this.child("network", network);
    this.positive = positive;
    this.features = parts.reduce((sum, width) => sum + width, 1);
  }

  override mapped(x: Tensor): Mapped {
    const { map, rings, own } = seenBy(this.network, this.positive, x);
    return { map, features: cat([rings, own], 1) };
  }

  /** All of it in one: no block of it is trained further. */
  override blockNames() {
    return [["network"]];
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
