/** The pixels of a TIFF file's page: whole numbers and floats of any width, in strips or tiles, in either byte order. */
import type { ShardValues } from "../../../dataset/npy-writer.ts";
import { fromFloat16 } from "../../../foundation/float16.ts";
import { type Page, wrong } from "./directory.ts";
import { unpackedBlock } from "./unpacking.ts";

const FORMATS = ["", "unsigned", "signed", "float", "undefined", "complex integer", "complex float"];
const WIDTHS: Record<number, readonly number[]> = {
  1: [1, 2, 4, 8, 16, 32, 64],
  2: [8, 16, 32, 64],
  3: [16, 32, 64],
};
const COLOURS: Record<number, string> = {
  4: "a mask",
  5: "CMYK",
  6: "YCbCr",
  8: "CIE L*a*b*",
  9: "ICC L*a*b*",
  32803: "a colour filter array",
};

/** @throws ArcletError for a kind of number or colour that is not read */
export function refuseUnread({ bits, format, photometric, samples, palette }: Page): void {
  if (WIDTHS[format]?.includes(bits) !== true)
    throw wrong(
      "unsupported",
      `has ${FORMATS[format] ?? `SampleFormat ${format}`} numbers of ${bits} bits; unsigned of 8 to 64, signed of 8 to 64 and floats of 16 to 64 are read`,
    );
  if (photometric > 3)
    throw wrong(
      "unsupported",
      `has colours as ${COLOURS[photometric] ?? `PhotometricInterpretation ${photometric}`}, which are not read`,
    );
  if (photometric === 0 && format !== 1)
    throw wrong(
      "unsupported",
      `has ${FORMATS[format]} numbers with 0 as white, which may mean two things; save it with 0 as black`,
    );
  if (photometric === 3 && (bits > 8 || samples !== 1 || palette.length !== 3 * 2 ** bits))
    throw wrong("unsupported", "has a palette of another kind than one colour a number of up to 8 bits");
}

/** One page as (channels, height, width): bytes if they are display pixels, else float32. */
export function pagePixels(
  file: Buffer,
  page: Page,
  little: boolean,
): { channels: number; values: ShardValues } {
  const { width, height, samples, bits, format, photometric } = page;
  const plane = width * height;
  const isBytes = format === 1 && bits <= 8;
  const values = isBytes ? new Uint8Array(samples * plane) : new Float32Array(samples * plane);
  const across = Math.ceil(width / page.blockWidth);
  const down = Math.ceil(height / page.blockHeight);
  const together = page.separate ? 1 : samples;
  const blocks = across * down * (samples / together);
  if (page.offsets.length < blocks)
    throw wrong("truncated", `has ${page.offsets.length} blocks of pixels, ${blocks} are needed`);
  for (let b = 0; b < blocks; b++) {
    const [x, y] = [(b % across) * page.blockWidth, (Math.floor(b / across) % down) * page.blockHeight];
    const rows = page.tiled ? page.blockHeight : Math.min(page.blockHeight, height - y);
    const block = unpackedBlock(packedBlock(file, page, b, rows, together), page, together, rows, little);
    const read = numbersIn(block.bytes, page, together, block.little);
    const first = page.separate ? Math.floor(b / (across * down)) : 0;
    const [right, top] = [Math.min(page.blockWidth, width - x), Math.min(rows, height - y)];
    for (let s = 0; s < together; s++)
      for (let v = 0; v < top; v++) {
        const to = ((first + s) * height + y + v) * width + x;
        for (let u = 0; u < right; u++) values[to + u] = read[(v * page.blockWidth + u) * together + s]!;
      }
  }
  if (photometric === 0) for (let i = 0; i < values.length; i++) values[i] = 2 ** bits - 1 - values[i]!;
  if (photometric === 3) return { channels: 3, values: coloured(values, page) };
  if (page.premultiplied && format === 1) divideByOpacity(values, samples, plane, 2 ** bits - 1);
  if (!isBytes && !Number.isNaN(page.noData)) {
    const blank = Math.fround(page.noData);
    for (let i = 0; i < values.length; i++) if (values[i] === blank) values[i] = Number.NaN;
  }
  return { channels: samples, values };
}

function packedBlock(file: Buffer, page: Page, b: number, rows: number, samples: number): Buffer {
  const plain = Math.ceil((page.blockWidth * samples * page.bits) / 8) * rows;
  const count = page.counts[b] ?? (page.compression === 1 ? plain : undefined);
  if (count === undefined) throw wrong("broken", "doesn't state how long its compressed blocks are");
  const offset = page.offsets[b]!;
  if (offset === 0 || count === 0) throw wrong("unsupported", "has blocks that are left out");
  if (offset + count > file.length) throw wrong("truncated", "holds less than its header states (truncated)");
  return file.subarray(offset, offset + count);
}

/** A block's numbers, pixel after pixel. */
function numbersIn(bytes: Buffer, { bits, format, blockWidth }: Page, samples: number, little: boolean) {
  if (bits < 8) return smallNumbers(bytes, bits, blockWidth * samples);
  if (bits === 8) return format === 2 ? new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = bits / 8;
  const reading = READING[`${format} ${bits}`]!;
  const numbers = new Float64Array(bytes.length / size);
  for (let i = 0; i < numbers.length; i++) numbers[i] = reading(view, i * size, little);
  return format === 3 && bits === 16 ? fromFloat16(numbers) : numbers;
}

const READING: Record<string, (view: DataView, at: number, little: boolean) => number> = {
  "1 16": (view, at, little) => view.getUint16(at, little),
  "1 32": (view, at, little) => view.getUint32(at, little),
  "1 64": (view, at, little) => Number(view.getBigUint64(at, little)),
  "2 16": (view, at, little) => view.getInt16(at, little),
  "2 32": (view, at, little) => view.getInt32(at, little),
  "2 64": (view, at, little) => Number(view.getBigInt64(at, little)),
  "3 16": (view, at, little) => view.getUint16(at, little),
  "3 32": (view, at, little) => view.getFloat32(at, little),
  "3 64": (view, at, little) => view.getFloat64(at, little),
};

/** Numbers of less than a byte; each row begins with a new byte. */
function smallNumbers(bytes: Buffer, bits: number, across: number): Uint8Array {
  const rowBytes = Math.ceil((across * bits) / 8);
  const rows = bytes.length / rowBytes;
  const numbers = new Uint8Array(rows * across);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < across; x++) {
      const at = x * bits;
      const byte = bytes[y * rowBytes + (at >> 3)]!;
      numbers[y * across + x] = (byte >> (8 - bits - (at & 7))) & (2 ** bits - 1);
    }
  return numbers;
}

function coloured(indices: ShardValues, { palette, bits }: Page): Uint8Array {
  const values = new Uint8Array(3 * indices.length);
  for (let c = 0; c < 3; c++)
    for (let p = 0; p < indices.length; p++)
      values[c * indices.length + p] = palette[c * 2 ** bits + indices[p]!]! >> 8;
  return values;
}

function divideByOpacity(values: ShardValues, samples: number, plane: number, most: number): void {
  for (let c = 0; c + 1 < samples; c++)
    for (let p = 0; p < plane; p++) {
      const opacity = values[(samples - 1) * plane + p]!;
      if (opacity > 0)
        values[c * plane + p] = Math.min(most, Math.round((values[c * plane + p]! * most) / opacity));
    }
}
