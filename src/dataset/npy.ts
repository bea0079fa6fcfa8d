/**
 * NumPy's array files (format 1.0 and 2.0, NEP 1): a short text header, then the numbers in C order.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { endianness } from "node:os";
import { ArcletError, type ErrorCode } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { fromFloat16 } from "../foundation/float16.ts";

/** The dtypes that can be read, and the typed array for each; half-precision floats by their bits. */
const KINDS = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
  f2: Uint16Array,
  f4: Float32Array,
  f8: Float64Array,
} as const;

export type NpyKind = keyof typeof KINDS;
/** 64-bit integers come as the nearest doubles, half-precision floats in single precision. */
export type NpyValues = Exclude<InstanceType<(typeof KINDS)[NpyKind]>, BigInt64Array | BigUint64Array>;

export interface NpyHeader {
  kind: NpyKind;
  littleEndian: boolean;
  shape: number[];
  /** Where the numbers start in the file, in bytes. */
  offset: number;
}

const MAGIC = "\x93NUMPY";
const HOST_IS_LITTLE = endianness() === "LE";

/** Bytes of one number. */
const bytesOf = (kind: NpyKind): number => KINDS[kind].BYTES_PER_ELEMENT;

/** How many numbers an array of a shape has. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** An open array file, read in slices of its first axis. */
export class NpyReader {
  /** The file. */
  readonly path: string;
  /** Type and shape of the array. */
  readonly header: NpyHeader;
  private readonly file: number;

  /**
   * @param part where the array is in the file, in bytes; by default it is the whole file
   * @throws ArcletError when the file is missing, not an `.npy`, truncated, or has a dtype or order that can't be read
   */
  constructor(path: string, part?: { offset: number; size: number }) {
    this.path = path;
    this.file = guarded(path, () => openSync(path, "r"));
    try {
      const whole = part ?? { offset: 0, size: guarded(path, () => fstatSync(this.file).size) };
      this.header = guarded(path, () => readHeader(path, this.file, whole));
    } catch (error) {
      closeSync(this.file);
      throw error;
    }
  }

  /** Length of the first axis. */
  get length(): number {
    return this.header.shape[0] ?? 1;
  }

  /** Shape of one item of the first axis. */
  get itemShape(): number[] {
    return this.header.shape.slice(1);
  }

  /** Items `start` to `start + count` of the first axis, in the host's byte order. */
  read(start: number, count = 1): NpyValues {
    if (!Number.isInteger(start) || start < 0 || start + count > this.length)
      throw new ArcletError({
        where: this.path,
        code: "argument",
        problem: `has ${this.length} rows, so there is no row ${start + count - 1}`,
      });
    const { kind, littleEndian, offset } = this.header;
    const item = sizeOf(this.itemShape);
    const values = new KINDS[kind](item * count);
    const bytes = Buffer.from(values.buffer);
    readFully(this.path, this.file, bytes, offset + start * item * bytesOf(kind));
    if (littleEndian !== HOST_IS_LITTLE) swap(bytes, bytesOf(kind));
    if (kind === "f2") return fromFloat16(values as Uint16Array);
    return values instanceof BigInt64Array || values instanceof BigUint64Array
      ? Float64Array.from(values as BigInt64Array, Number)
      : values;
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.file);
  }
}

function readHeader(
  path: string,
  file: number,
  { offset: from, size }: { offset: number; size: number },
): NpyHeader {
  const start = Buffer.alloc(12);
  const count = Math.min(size, readSync(file, start, 0, 12, from));
  if (count < 10 || start.toString("latin1", 0, 6) !== MAGIC)
    throw wrong(path, "broken", "is not a NumPy .npy file");
  const version = start[6]!;
  if (version < 1 || version > 3)
    throw wrong(path, "unsupported", `is .npy format ${version}, formats 1 to 3 are read`);
  const [length, textStart] = version === 1 ? [start.readUInt16LE(8), 10] : [start.readUInt32LE(8), 12];
  if (length > size - textStart) throw wrong(path, "truncated", "ends within its header (truncated)");
  const text = Buffer.alloc(length);
  readFully(path, file, text, from + textStart);
  const header = parseHeader(path, text.toString("latin1"), from + textStart + length);
  const promised = sizeOf(header.shape) * bytesOf(header.kind);
  const present = size - textStart - length;
  if (present !== promised)
    throw wrong(
      path,
      present < promised ? "truncated" : "broken",
      `holds ${present} bytes, its header promises ${promised}${present < promised ? " (truncated)" : ""}`,
    );
  return header;
}

/** Reads the header's Python dictionary: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. */
function parseHeader(path: string, text: string, offset: number): NpyHeader {
  const dtype = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const dims = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (dtype === undefined && /['"]descr['"]\s*:\s*\[/.test(text))
    throw wrong(path, "unsupported", "is a structured array, a plain one was expected");
  if (dtype === undefined || order === undefined || dims === undefined)
    throw wrong(path, "broken", "has a header that can't be read");
  if (order === "True")
    throw wrong(path, "unsupported", "is in Fortran order; save it with numpy.ascontiguousarray(array)");
  const kind = dtype.slice(1);
  if (dtype.includes("O"))
    throw wrong(path, "unsupported", "holds Python objects (dtype object), not numbers");
  if (!(kind in KINDS) || !"<>|=".includes(dtype[0]!))
    throw wrong(path, "unsupported", `has dtype ${dtype}; ${Object.keys(KINDS).join(", ")} are read`);
  const shape = dims
    .split(",")
    .filter((dim) => dim.trim() !== "")
    .map((dim) => Number.parseInt(dim, 10));
  const littleEndian = dtype[0] === "<" || (dtype[0] !== ">" && HOST_IS_LITTLE);
  return { kind: kind as NpyKind, littleEndian, shape, offset };
}

function readFully(path: string, file: number, into: Buffer, position: number): void {
  let done = 0;
  while (done < into.length) {
    const count = guarded(path, () => readSync(file, into, done, into.length - done, position + done));
    if (count === 0) throw wrong(path, "truncated", `ended ${into.length - done} bytes too early`);
    done += count;
  }
}

function swap(bytes: Buffer, size: number): void {
  if (size === 2) bytes.swap16();
  if (size === 4) bytes.swap32();
  if (size === 8) bytes.swap64();
}

const wrong = (path: string, code: ErrorCode, problem: string) =>
  new ArcletError({ where: path, code, problem });
