/** Mosaics of candidates: one PNG, and tiles that a report gives captions to. */
import { encode } from "fast-png";
import { refuse } from "../foundation/errors.ts";
import { type DisplayOptions, displayRgb, type ImageStack, type Rgb } from "./display.ts";

/** A candidate's picture and its caption. */
export interface Tile {
  /** What is shown. */
  readonly picture: Rgb;
  /** E.g. `1 · 0.973`. */
  readonly caption: string;
  /** The object's identifier. */
  readonly id: string;
  /** True class, if known. */
  readonly label?: string;
  /** ICRS degrees, where they are known. */
  readonly position?: Position;
}

export interface Position {
  readonly ra: number;
  readonly dec: number;
}

/** Images with their ids and scores. */
export interface Candidates {
  /** Their pixels. */
  readonly images: ImageStack;
  /** By image (N). */
  readonly ids: readonly string[];
  /** By image (N). */
  readonly scores: ArrayLike<number>;
  /** True classes by image, if they may be shown (N). */
  readonly labels?: readonly (string | undefined)[];
  /** By image (N), where they are known. */
  readonly positions?: readonly (Position | undefined)[];
}

/**
 * The `n` images with the highest scores (all, if there are fewer), best first; equal scores are in the order of
 * their ids. Captions give rank and score.
 *
 * @throws ArcletError when images, ids and scores are not equally many, or a score is not a number
 */
export function topTiles(candidates: Candidates, n: number, options: DisplayOptions = {}): Tile[] {
  const { images, ids, scores, labels, positions } = candidates;
  if (ids.length !== images.shape[0])
    refuse("mosaic", "ids", `as many as the ${images.shape[0]} images`, ids.length);
  if (scores.length !== ids.length)
    refuse("mosaic", "scores", `as many as the ${ids.length} images`, scores.length);
  for (let i = 0; i < ids.length; i++) {
    if (Number.isNaN(scores[i])) refuse("mosaic", `score of ${ids[i]}`, "a number", scores[i]);
  }
  const order = ids.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || (ids[a]! < ids[b]! ? -1 : 1));
  return order.slice(0, n).map((i, rank) => {
    const label = labels?.[i];
    const position = positions?.[i];
    return {
      picture: displayRgb(images, i, options),
      caption: `${rank + 1} · ${scores[i]!.toFixed(3)}`,
      id: ids[i]!,
      ...(label === undefined ? {} : { label }),
      ...(position === undefined ? {} : { position }),
    };
  });
}

/** How tiles are arranged. */
export interface MosaicOptions {
  /** Default: about as wide as high. */
  readonly columns?: number;
  /** Side of a tile in pixels; pictures are enlarged by whole factors up to it. Default 96. */
  readonly side?: number;
  /** Pixels between tiles; default 3. */
  readonly gap?: number;
}

/**
 * Draws pictures row by row into one PNG without text. Smaller pictures are enlarged by repeating pixels and are in the
 * middle of their tile.
 *
 * @throws ArcletError when there is no picture, or columns, side or gap are not whole numbers that make sense
 */
export function mosaicPng(pictures: readonly Rgb[], options: MosaicOptions = {}): Uint8Array {
  if (pictures.length === 0) refuse("mosaic", "pictures", "one or more", 0);
  const largest = pictures.reduce((most, { width, height }) => Math.max(most, width, height), 0);
  const { columns = Math.ceil(Math.sqrt(pictures.length)), gap = 3 } = options;
  const side = Math.max(largest, options.side ?? 96);
  for (const [name, value, least] of [
    ["columns", columns, 1],
    ["side", side, 1],
    ["gap", gap, 0],
  ] as const) {
    if (!Number.isInteger(value) || value < least)
      refuse("mosaic", name, `a whole number from ${least}`, value);
  }
  const across = Math.min(columns, pictures.length);
  const down = Math.ceil(pictures.length / across);
  const width = across * (side + gap) + gap;
  const height = down * (side + gap) + gap;
  const data = new Uint8Array(width * height * 3).fill(24);
  for (const [k, picture] of pictures.entries()) {
    const factor = Math.max(1, Math.floor(side / Math.max(picture.width, picture.height)));
    const left = gap + (k % across) * (side + gap) + ((side - factor * picture.width) >> 1);
    const top = gap + Math.floor(k / across) * (side + gap) + ((side - factor * picture.height) >> 1);
    drawTile(picture, factor, data, width, left, top);
  }
  return encode({ width, height, data, channels: 3, depth: 8 });
}

function drawTile(
  picture: Rgb,
  factor: number,
  canvas: Uint8Array,
  stride: number,
  left: number,
  top: number,
): void {
  for (let y = 0; y < picture.height * factor; y++) {
    for (let x = 0; x < picture.width * factor; x++) {
      const from = 3 * (Math.floor(y / factor) * picture.width + Math.floor(x / factor));
      canvas.set(picture.data.subarray(from, from + 3), 3 * ((top + y) * stride + left + x));
    }
  }
}

/** A picture as PNG. */
export function picturePng({ width, height, data }: Rgb): Uint8Array {
  return encode({ width, height, data, channels: 3, depth: 8 });
}
