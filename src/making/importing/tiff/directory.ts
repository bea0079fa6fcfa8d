/**
 * The pages of a TIFF file by its directories (TIFF 6.0, Adobe 1992, section 2; BigTIFF, 64-bit offsets). Every offset and
 * count is checked against the file before anything is allocated by it.
 */
import { ArcletError, type ErrorCode } from "../../../foundation/errors.ts";

/** An image of the file, as its tags state it. */
export interface Page {
  width: number;
  height: number;
  samples: number;
  bits: number;
  /** 1 unsigned, 2 signed, 3 float. */
  format: number;
  photometric: number;
  compression: number;
  predictor: number;
  /** Whether each sample has its own blocks. */
  separate: boolean;
  /** Strips are as wide as the image, the last one may be shorter; tiles are all of one size. */
  tiled: boolean;
  blockWidth: number;
  blockHeight: number;
  offsets: readonly number[];
  counts: readonly number[];
  /** Three times 2^bits numbers of 16 bits. */
  palette: readonly number[];
  /** Whether colours were multiplied by the last sample, the opacity. */
  premultiplied: boolean;
  /** The value that stands for no data (GDAL's tag); NaN for none. */
  noData: number;
}

/** The file's name is added by the caller. */
export const wrong = (code: ErrorCode, problem: string) =>
  new ArcletError({ where: "picture", code, problem });

const MOST_PAGES = 4096;
const MOST_VALUES = 2 ** 22;
/** Bytes of a value, by type: BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, … LONG8, SLONG8, IFD8. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

const TAGS = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  stripCounts: 279,
  planar: 284,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileCounts: 325,
  extraSamples: 338,
  format: 339,
  noData: 42113,
} as const;
const WANTED = new Set<number>(Object.values(TAGS));

type Tags = ReadonlyMap<number, readonly number[]>;

interface Tiff {
  little: boolean;
  /** Without reduced copies and masks. */
  pages: Page[];
}

/** @throws ArcletError when the directories are broken, or state what is not read */
export function tiffPages(bytes: Buffer): Tiff {
  const little = bytes[0] === 0x49;
  const file = new Numbers(bytes, little);
  const big = file.whole(2, 2) === 43;
  if (big && (file.whole(4, 2) !== 8 || file.whole(6, 2) !== 0))
    throw wrong("unsupported", `is a BigTIFF with offsets of ${file.whole(4, 2)} bytes, 8 are read`);
  const pages: Page[] = [];
  const seen = new Set<number>();
  let at = big ? file.whole(8, 8) : file.whole(4, 4);
  while (at !== 0) {
    if (seen.has(at)) throw wrong("broken", "has directories that go in a circle");
    if (seen.size >= MOST_PAGES) throw wrong("too-large", `has more than ${MOST_PAGES} pages`);
    seen.add(at);
    const { tags, next } = directory(file, at, big);
    // Bit 0: a smaller copy; bit 2: a transparency mask.
    if (((tags.get(TAGS.subfile)?.[0] ?? 0) & 5) === 0) pages.push(pageOf(tags));
    at = next;
  }
  return { little, pages };
}

/** Whole numbers of a file in its byte order. */
class Numbers {
  readonly bytes: Buffer;
  readonly #little: boolean;

  constructor(bytes: Buffer, little: boolean) {
    this.bytes = bytes;
    this.#little = little;
  }

  whole(at: number, size: 1 | 2 | 4 | 8): number {
    if (!(at >= 0 && at + size <= this.bytes.length)) throw wrong("truncated", "is cut short");
    if (size < 8) return this.#little ? this.bytes.readUIntLE(at, size) : this.bytes.readUIntBE(at, size);
    const long = this.#little ? this.bytes.readBigUInt64LE(at) : this.bytes.readBigUInt64BE(at);
    return Number(long);
  }
}

function directory(file: Numbers, at: number, big: boolean): { tags: Tags; next: number } {
  const [countSize, entrySize, room] = big ? ([8, 20, 8] as const) : ([2, 12, 4] as const);
  const count = file.whole(at, countSize);
  const start = at + countSize;
  if (start + count * entrySize > file.bytes.length) throw wrong("truncated", "is cut short");
  const tags = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const entry = start + i * entrySize;
    const [tag, type] = [file.whole(entry, 2), file.whole(entry + 2, 2)];
    const size = SIZES[type] ?? 0;
    if (!WANTED.has(tag) || size === 0) continue;
    const values = file.whole(entry + 4, room);
    if (values > MOST_VALUES) throw wrong("too-large", `has ${values} values under tag ${tag}`);
    const inside = values * size <= room;
    const from = inside ? entry + 4 + room : file.whole(entry + 4 + room, room);
    // Rationals and floats are of no tag that is wanted.
    const width = size as 1 | 2 | 4 | 8;
    tags.set(
      tag,
      Array.from({ length: values }, (_, k) => file.whole(from + k * size, width)),
    );
  }
  const end = start + count * entrySize;
  return { tags, next: end + room <= file.bytes.length ? file.whole(end, room) : 0 };
}

function pageOf(tags: Tags): Page {
  const one = (tag: number, otherwise: number) => tags.get(tag)?.[0] ?? otherwise;
  const same = (tag: number, otherwise: number, what: string) => {
    const values = new Set(tags.get(tag) ?? [otherwise]);
    if (values.size !== 1)
      throw wrong("unsupported", `has channels of different ${what}: ${[...values].join(", ")}`);
    return [...values][0]!;
  };
  const [width, height] = [one(TAGS.width, 0), one(TAGS.height, 0)];
  const tiled = tags.has(TAGS.tileOffsets);
  const offsets = tags.get(tiled ? TAGS.tileOffsets : TAGS.stripOffsets) ?? [];
  const orientation = one(TAGS.orientation, 1);
  if (orientation !== 1)
    throw wrong("unsupported", `is turned (orientation ${orientation}), which is not read`);
  if (one(TAGS.fillOrder, 1) !== 1) throw wrong("unsupported", "has its bits in reverse (FillOrder 2)");
  const extra = tags.get(TAGS.extraSamples) ?? [];
  const noData = String.fromCharCode(...(tags.get(TAGS.noData) ?? []).slice(0, 40))
    .replace(/\0.*$/s, "")
    .trim();
  const rows = Math.min(height, one(TAGS.rowsPerStrip, height));
  return {
    width,
    height,
    samples: one(TAGS.samples, 1),
    bits: same(TAGS.bits, 1, "bits"),
    format: same(TAGS.format, 1, "kinds of number"),
    photometric: one(TAGS.photometric, 1),
    compression: one(TAGS.compression, 1),
    predictor: one(TAGS.predictor, 1),
    separate: one(TAGS.planar, 1) === 2,
    tiled,
    blockWidth: tiled ? one(TAGS.tileWidth, 0) : width,
    blockHeight: tiled ? one(TAGS.tileHeight, 0) : rows,
    offsets,
    counts: tags.get(tiled ? TAGS.tileCounts : TAGS.stripCounts) ?? [],
    palette: tags.get(TAGS.palette) ?? [],
    premultiplied: extra[0] === 1,
    noData: noData === "" ? Number.NaN : Number(noData),
  };
}
