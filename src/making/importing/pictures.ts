/** PNG, JPEG and TIFF files as planes. Sizes are checked in the header first, so that a false one takes no memory. */
import { readFileSync } from "node:fs";
import { decode as decodePng } from "fast-png";
import jpeg from "jpeg-js";
import type { ShardValues } from "../../dataset/npy-writer.ts";
import { foreignError } from "../../foundation/errors/foreign.ts";
import { ArcletError, type ErrorCode } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";
import { channelsFirst } from "./layout.ts";
import { tiffPages } from "./tiff/directory.ts";
import { pagePixels, refuseUnread } from "./tiff/pixels.ts";

/** One file's planes (channels, height, width). */
export interface Planes {
  channels: number;
  height: number;
  width: number;
  /** Uint8Array if the file holds bytes, else Float32Array. */
  values: ShardValues;
}

/** The most pixels of a picture that is read. */
const MOST_PIXELS = 2 ** 26;
/** Deflate's largest compression ratio. */
const MOST_RATIO = 1032;

/** @throws ArcletError naming the file, when it is missing, truncated, broken, too large or of an unsupported kind */
export const readPicture = (path: string): Planes =>
  decodePicture(
    guarded(path, () => readFileSync(path)),
    path,
  );

/** A picture's bytes, as `readPicture`. @param path what errors name */
export function decodePicture(bytes: Buffer, path: string): Planes {
  let format: Format | undefined;
  try {
    format = formatOf(bytes);
    return format.decode(bytes);
  } catch (error) {
    if (error instanceof ArcletError) throw error.with({ where: path });
    // If the file's end is missing, that is why the decoder failed.
    throw foreignError(path, error, format?.isWhole(bytes) === false ? "truncated" : "broken");
  }
}

interface Format {
  /** Whether the file's end is there, if that can be told. */
  isWhole(bytes: Buffer): boolean;
  decode(bytes: Buffer): Planes;
}

/** By the file's first bytes: extensions are often wrong. */
function formatOf(bytes: Buffer): Format {
  const start = bytes.toString("latin1", 0, 4);
  if (start === "\x89PNG")
    return { decode: png, isWhole: (all) => all.lastIndexOf("IEND", -1, "latin1") >= 0 };
  if (start.startsWith("\xff\xd8"))
    return { decode: jpg, isWhole: (all) => all.lastIndexOf(END_OF_JPEG) >= 0 };
  if (/^(II[*+]\0|MM\0[*+])$/.test(start)) return { decode: tiff, isWhole: () => true };
  throw bytes.length === 0
    ? wrong("truncated", "is empty")
    : wrong("broken", "is not a PNG, JPEG or TIFF file");
}

const END_OF_JPEG = Buffer.from([0xff, 0xd9]);

/** `readPicture` adds which file it is. */
const wrong = (code: ErrorCode, problem: string) => new ArcletError({ where: "picture", code, problem });

function limited(width: number, height: number, samples: number, length: number): void {
  const states = `states ${width} × ${height} pixels`;
  if (!(width > 0 && height > 0)) throw wrong("broken", states);
  if (width * height > MOST_PIXELS) throw wrong("too-large", `${states}, at most ${MOST_PIXELS} are read`);
  if (width * height * samples > MOST_RATIO * length)
    throw wrong("truncated", `${states}, the file has ${length} bytes (truncated)`);
}

function png(bytes: Buffer): Planes {
  if (bytes.length < 33) throw wrong("truncated", "is cut short");
  limited(bytes.readUInt32BE(16), bytes.readUInt32BE(20), 1 / 8, bytes.length);
  const { width, height, channels, depth, data, palette } = decodePng(bytes);
  if (data.length === 0) throw wrong("truncated", "is cut short");
  if (palette !== undefined) return indexed(data, palette, width, height);
  if (depth < 8) throw wrong("unsupported", `has ${depth} bits a pixel, 8 and 16 are read`);
  return planes(data, channels, width, height);
}

function indexed(
  data: ArrayLike<number>,
  palette: readonly number[][],
  width: number,
  height: number,
): Planes {
  if (data.length !== width * height)
    throw wrong("unsupported", "has a palette of less than 8 bits, which is not read");
  const values = new Uint8Array(3 * data.length);
  for (let p = 0; p < data.length; p++) {
    const colour = palette[data[p]!];
    if (colour === undefined) throw wrong("broken", "has a colour beyond its palette");
    for (let c = 0; c < 3; c++) values[c * data.length + p] = colour[c]!;
  }
  return { channels: 3, height, width, values };
}

function jpg(bytes: Buffer): Planes {
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: MOST_PIXELS / 1e6,
    maxMemoryUsageInMB: 1024,
  });
  return planes(data, 3, width, height);
}

function tiff(bytes: Buffer): Planes {
  const { pages, little } = tiffPages(bytes);
  if (pages.length === 0) throw wrong("empty", "holds no image");
  for (const page of pages) {
    limited(
      page.width,
      page.height,
      (page.samples * pages.length * Math.min(8, page.bits)) / 8,
      bytes.length,
    );
    if (!(page.samples > 0 && page.samples < 65536 && page.blockWidth > 0 && page.blockHeight > 0))
      throw wrong(
        "broken",
        `states ${page.samples} channels in blocks of ${page.blockWidth} × ${page.blockHeight}`,
      );
    limited(page.blockWidth, page.blockHeight, 1 / 8, Number.POSITIVE_INFINITY);
    refuseUnread(page);
  }
  const all = pages.map((page): Planes => {
    const { channels, values } = pagePixels(bytes, page, little);
    return { channels, height: page.height, width: page.width, values };
  });
  const [first] = all;
  if (all.length === 1) return first!;
  if (all.some(({ height, width }) => height !== first!.height || width !== first!.width))
    throw wrong("unsupported", "has pages of different sizes");
  // Pages are planes, one after another.
  const bytesOnly = all.every(({ values }) => values instanceof Uint8Array);
  const channels = all.reduce((sum, page) => sum + page.channels, 0);
  const size = channels * first!.height * first!.width;
  const values = bytesOnly ? new Uint8Array(size) : new Float32Array(size);
  let offset = 0;
  for (const page of all) {
    values.set(page.values, offset);
    offset += page.values.length;
  }
  return { channels, height: first!.height, width: first!.width, values };
}

function planes(data: ArrayLike<number>, channels: number, width: number, height: number): Planes {
  if (data.length !== width * height * channels)
    throw wrong("truncated", "holds less than its header states (truncated)");
  const values = channelsFirst(data, channels, { height, width, channelsLast: true });
  return { channels, height, width, values };
}
