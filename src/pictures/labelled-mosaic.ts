/** A mosaic with a title and a name beside each row of pictures, as one PNG. */
import { encode } from "fast-png";
import { refuse } from "../foundation/errors.ts";
import type { Rgb } from "./display.ts";
import { LETTER, letter, widthOf } from "./lettering.ts";

/** A row of pictures with its label. */
export interface LabelledRow {
  /** What the row shows. */
  readonly label: string;
  /** Its pictures, from the left. */
  readonly pictures: readonly Rgb[];
}

/** Title and size of a mosaic with labels. */
export interface LabelledMosaicOptions {
  /** A line above the pictures. */
  readonly title?: string;
  /** Side of a tile in pixels; pictures are enlarged by whole factors up to it. Default 96. */
  readonly side?: number;
}

const GAP = 3;
const MARGIN = 8;
/** Side of a letter's pixel. */
const TEXT = 2;
const BACKGROUND = 24;
const INK = 230;

/**
 * Draws rows of pictures below each other, their names on the left. Smaller pictures are in the middle of their tile.
 *
 * @throws ArcletError when there is no picture, or side is not a whole number from 1
 */
export function labelledMosaicPng(
  rows: readonly LabelledRow[],
  options: LabelledMosaicOptions = {},
): Uint8Array {
  const pictures = rows.flatMap((row) => row.pictures);
  if (pictures.length === 0) refuse("mosaic", "pictures", "one or more", 0);
  const { title, side: leastSide = 96 } = options;
  if (!(Number.isInteger(leastSide) && leastSide >= 1))
    refuse("mosaic", "side", "a whole number from 1", leastSide);
  const side = pictures.reduce((most, { width, height }) => Math.max(most, width, height), leastSide);
  const across = Math.max(...rows.map((row) => row.pictures.length));
  const left = 2 * MARGIN + TEXT * Math.max(...rows.map(({ label }) => widthOf(label)));
  const top = title === undefined ? GAP : 2 * MARGIN + TEXT * LETTER.height;
  const titleEnd = title === undefined ? 0 : 2 * MARGIN + TEXT * widthOf(title);
  const width = Math.max(titleEnd, left + across * (side + GAP));
  const height = top + rows.length * (side + GAP);
  const data = new Uint8Array(width * height * 3).fill(BACKGROUND);
  const ink = (x: number, y: number) => data.fill(INK, 3 * (y * width + x), 3 * (y * width + x) + 3);
  if (title !== undefined) letter(title, MARGIN, MARGIN, TEXT, ink);
  for (const [r, row] of rows.entries()) {
    const y = top + r * (side + GAP);
    letter(row.label, MARGIN, y + ((side - TEXT * LETTER.height) >> 1), TEXT, ink);
    for (const [c, picture] of row.pictures.entries())
      drawTile(picture, data, width, left + c * (side + GAP), y, side);
  }
  return encode({ width, height, data, channels: 3, depth: 8 });
}

/** A picture in the middle of its tile, every pixel repeated as often as fits. */
function drawTile(
  picture: Rgb,
  canvas: Uint8Array,
  stride: number,
  left: number,
  top: number,
  side: number,
): void {
  const factor = Math.max(1, Math.floor(side / Math.max(picture.width, picture.height)));
  const [x0, y0] = [
    left + ((side - factor * picture.width) >> 1),
    top + ((side - factor * picture.height) >> 1),
  ];
  for (let y = 0; y < picture.height * factor; y++)
    for (let x = 0; x < picture.width * factor; x++) {
      const from = 3 * (Math.floor(y / factor) * picture.width + Math.floor(x / factor));
      canvas.set(picture.data.subarray(from, from + 3), 3 * ((y0 + y) * stride + x0 + x));
    }
}
