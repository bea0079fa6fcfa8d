/** The blocks of a TIFF file unpacked (TIFF 6.0, sections 9, 13 and 14; Adobe's technical note 3 for floats). */
import { inflateSync } from "node:zlib";
import { type Page, wrong } from "./directory.ts";

/** Names of what is not read. */
const NAMES: Record<number, string> = {
  2: "CCITT",
  3: "CCITT group 3",
  4: "CCITT group 4",
  6: "JPEG",
  7: "JPEG",
  34712: "JPEG 2000",
  34887: "LERC",
  34925: "LZMA",
  50000: "Zstandard",
  50001: "WebP",
  50002: "JPEG XL",
};

/**
 * A block's bytes, unpacked, and differences summed up.
 *
 * @param samples samples of a pixel in this block
 * @param rows rows that the block holds
 * @returns exactly `rows` rows, in the file's byte order but for floats with a predictor, which are big-endian
 */
export function unpackedBlock(
  packed: Buffer,
  page: Page,
  samples: number,
  rows: number,
  little: boolean,
): { bytes: Buffer; little: boolean } {
  const rowBytes = Math.ceil((page.blockWidth * samples * page.bits) / 8);
  const size = rowBytes * rows;
  const bytes = decompressed(packed, page.compression, size);
  if (bytes.length < size) throw wrong("truncated", "holds less than its header states (truncated)");
  const whole = bytes.subarray(0, size);
  if (page.predictor === 1) return { bytes: whole, little };
  const rowOf = (y: number) => whole.subarray(y * rowBytes, (y + 1) * rowBytes);
  if (page.predictor === 2) {
    if (![8, 16, 32, 64].includes(page.bits))
      throw wrong("unsupported", `has differences (predictor 2) of ${page.bits} bits, which are not read`);
    for (let y = 0; y < rows; y++) sumUp(rowOf(y), page.bits / 8, samples, little);
    return { bytes: whole, little };
  }
  if (page.predictor !== 3 || page.format !== 3)
    throw wrong("unsupported", `has predictor ${page.predictor} for numbers of kind ${page.format}`);
  for (let y = 0; y < rows; y++) joinBytes(rowOf(y), page.bits / 8, samples);
  return { bytes: whole, little: false };
}

function decompressed(packed: Buffer, compression: number, size: number): Buffer {
  if (compression === 1) return Buffer.from(packed); // a copy: predictors work in place
  if (compression === 5) return lzw(packed, size);
  if (compression === 8 || compression === 32946)
    return inflateSync(packed, { maxOutputLength: Math.max(1, size) + 2 ** 16 });
  if (compression === 32773) return packBits(packed, size);
  const name = NAMES[compression];
  throw wrong(
    "unsupported",
    `is compressed by ${name ?? "method"}${name === undefined ? "" : ", method"} ${compression}; none, LZW, Deflate and PackBits are read`,
  );
}

function packBits(packed: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  let to = 0;
  for (let at = 0; at < packed.length && to < size; ) {
    const code = packed.readInt8(at++);
    if (code >= 0) {
      const end = Math.min(at + code + 1, packed.length, at + size - to);
      to += packed.copy(out, to, at, end);
      at += code + 1;
    } else if (code !== -128 && at < packed.length) {
      const end = Math.min(size, to + 1 - code);
      out.fill(packed[at++]!, to, end);
      to = end;
    }
  }
  return out.subarray(0, to);
}

const [CLEAR, END, FIRST] = [256, 257, 258];

/** Codes of 9 to 12 bits, the highest bit first; a code's string is that of an earlier one and a byte. */
function lzw(packed: Buffer, size: number): Buffer {
  if (packed.length > 1 && packed[0] === 0 && (packed[1]! & 1) === 1)
    throw wrong("unsupported", "is compressed by the LZW of TIFF 5, whose bits are in reverse");
  const out = Buffer.alloc(size);
  // Where a code's string stands in the output, and its length.
  const [starts, lengths] = [new Int32Array(4096), new Int32Array(4096)];
  let [to, next, width, bits, held] = [0, FIRST, 9, 0, 0];
  let [start, length] = [-1, 0]; // of the string before
  for (let at = 0; to < size; ) {
    while (bits < width && at < packed.length) {
      held = ((held << 8) | packed[at++]!) & 0xffffff;
      bits += 8;
    }
    if (bits < width) break;
    bits -= width;
    const code = (held >> bits) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, start] = [FIRST, 9, -1];
      continue;
    }
    const [from, now] = [to, code < 256 ? 1 : code < next ? lengths[code]! : length + 1];
    if (code > next || (code >= FIRST && start < 0)) throw wrong("broken", "has LZW codes that none defines");
    if (code < 256) out[to++] = code;
    else {
      const first = code < next ? starts[code]! : start;
      // Byte by byte: a string may run into itself.
      for (let k = 0; k < now && to < size; k++) out[to++] = out[first + k]!;
    }
    if (start >= 0 && next < 4096) {
      starts[next] = start;
      lengths[next] = length + 1;
      next++;
      // The width grows one code early.
      if (next === (1 << width) - 1 && width < 12) width++;
    }
    [start, length] = [from, now];
  }
  return out.subarray(0, to);
}

/** Each number is the difference from the one before of its channel, modulo its width. */
function sumUp(row: Buffer, size: number, samples: number, little: boolean): void {
  const view = new DataView(row.buffer, row.byteOffset, row.length);
  const step = size * samples;
  for (let at = step; at + size <= row.length; at += size) {
    if (size === 1) row[at]! += row[at - step]!;
    else if (size === 2)
      view.setUint16(at, view.getUint16(at, little) + view.getUint16(at - step, little), little);
    else if (size === 4)
      view.setUint32(at, view.getUint32(at, little) + view.getUint32(at - step, little), little);
    else view.setBigUint64(at, view.getBigUint64(at, little) + view.getBigUint64(at - step, little), little);
  }
}

/** Floats whose bytes are sorted by significance, highest first, then written as differences. */
function joinBytes(row: Buffer, size: number, samples: number): void {
  for (let i = samples; i < row.length; i++) row[i]! += row[i - samples]!;
  const sorted = Buffer.from(row);
  const count = row.length / size;
  for (let i = 0; i < count; i++) for (let b = 0; b < size; b++) row[i * size + b] = sorted[b * count + i]!;
}
