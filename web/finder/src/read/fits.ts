/**
 * FITS images (FITS Standard 4.0): a cube whose planes are the bands, or one extension a band, in the bands' order or named by
 * EXTNAME. Compressed images, tables and scaled integers with blanks are left to `arclet import`.
 */
import type { Image } from "./image.ts";

const BLOCK = 2880;
const CARD = 80;

interface Plane {
  name: string;
  shape: number[];
  values: Float32Array;
}

type Cards = ReadonlyMap<string, string>;

/** @param bands the finder's, by which extensions are told apart @throws Error that says what is wrong with the file */
export function readFits(name: string, bytes: Uint8Array, bands: readonly string[]): Image {
  const planes = planesIn(bytes);
  const [first] = planes;
  if (first === undefined) throw new Error("holds no image");
  const named = bands.map((band) => planes.find((plane) => plane.name.split(/[^A-Za-z0-9]+/).includes(band)));
  const used = first.shape.length === 3 ? [first] : named.every(Boolean) ? (named as Plane[]) : planes;
  const [height, width] = used[0]!.shape.slice(-2) as [number, number];
  if (used.some(({ shape }) => shape.slice(-2).join() !== `${height},${width}`))
    throw new Error("has images of different sizes");
  const pixels = new Float32Array(used.reduce((sum, { values }) => sum + values.length, 0));
  used.reduce((at, { values }) => {
    pixels.set(values, at);
    return at + values.length;
  }, 0);
  return { name, channels: pixels.length / (height * width), height, width, pixels, display: false };
}

/** The images of a file, in their order. */
function planesIn(bytes: Uint8Array): Plane[] {
  const planes: Plane[] = [];
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const { cards, end } = headerAt(bytes, at);
    if (at === 0 && cards.get("SIMPLE") !== "T") throw new Error("is not a FITS file");
    const shape = Array.from({ length: wholeOf(cards, "NAXIS") }, (_, k) =>
      wholeOf(cards, `NAXIS${k + 1}`),
    ).reverse();
    const size = shape.length === 0 ? 0 : shape.reduce((product, side) => product * side, 1);
    const length = (size * Math.abs(wholeOf(cards, "BITPIX"))) / 8 + (size && wholeOf(cards, "PCOUNT"));
    const isImage = at === 0 || cards.get("XTENSION")?.startsWith("'IMAGE");
    while (shape.length > 2 && shape[0] === 1) shape.shift();
    if (isImage && size > 0 && (shape.length === 2 || shape.length === 3)) {
      if (end + length > bytes.length) throw new Error("ends before its pixels do");
      const name = /^'([^']*)'/.exec(cards.get("EXTNAME") ?? "")?.[1]?.trim() ?? "";
      planes.push({ name, shape, values: valuesAt(bytes, end, size, cards) });
    }
    at = end + Math.ceil(length / BLOCK) * BLOCK;
  }
  return planes;
}

function headerAt(bytes: Uint8Array, start: number): { cards: Cards; end: number } {
  const cards = new Map<string, string>();
  for (let at = start; at + CARD <= bytes.length; at += CARD) {
    const card = String.fromCharCode(...bytes.subarray(at, at + CARD));
    const key = card.slice(0, 8).trim();
    if (key === "END") return { cards, end: start + Math.ceil((at + CARD - start) / BLOCK) * BLOCK };
    if (card.slice(8, 10) !== "= ") continue;
    const value = card.slice(10).trim();
    cards.set(key, value.startsWith("'") ? value : value.split("/")[0]!.trim());
  }
  throw new Error("ends within its header");
}

const wholeOf = (cards: Cards, key: string): number => Number.parseInt(cards.get(key) ?? "0", 10);

function valuesAt(bytes: Uint8Array, start: number, count: number, cards: Cards): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const bits = wholeOf(cards, "BITPIX");
  const scale = Number(cards.get("BSCALE") ?? 1);
  const zero = Number(cards.get("BZERO") ?? 0);
  if (cards.has("BLANK")) throw new Error("has BLANK pixels: arclet import reads it");
  const read: Record<number, (i: number) => number> = {
    8: (i) => view.getUint8(i),
    16: (i) => view.getInt16(2 * i),
    32: (i) => view.getInt32(4 * i),
    [-32]: (i) => view.getFloat32(4 * i),
    [-64]: (i) => view.getFloat64(8 * i),
  };
  const value = read[bits];
  if (value === undefined) throw new Error(`has BITPIX ${bits}, which is not read`);
  return Float32Array.from({ length: count }, (_, i) => zero + scale * value(i));
}
