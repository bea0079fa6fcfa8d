/**
 * Where the entries of a zip file are (PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3). Stored
 * entries can be read from the zip file itself; deflated ones are unpacked into files. Both are checked against their CRC.
 */
import { closeSync, createReadStream, createWriteStream, fstatSync, openSync, readSync } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";
import { crc32 } from "./crc32.ts";
import { foreignError, systemProblem } from "./errors/foreign.ts";
import { ArcletError } from "./errors.ts";
import { guarded } from "./files.ts";
import { mostUnpacked, unpacksTooFar } from "./unpacking.ts";

export interface ZipEntry {
  /** Where its bytes start in the zip file. */
  offset: number;
  /** Bytes when unpacked. */
  size: number;
  /** Bytes in the zip file; the same as `size` for a stored entry. */
  packed: number;
  deflated: boolean;
  /** Of its unpacked bytes. */
  crc: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const DEFLATE = 8;
const UNSET = 0xffffffff;
/** The size of a directory of a million or more entries. */
const MAX_DIRECTORY = 200_000_000;

/**
 * The entries by name.
 *
 * @throws ArcletError when the file is missing, not a zip file, cut short, has wrong sizes, or is not packed by deflate
 */
export function zipEntries(path: string): Map<string, ZipEntry> {
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const size = fstatSync(file).size;
    const bytes = (offset: number, length: number): Buffer => {
      if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > size) throw broken(path);
      const buffer = Buffer.alloc(length);
      if (guarded(path, () => readSync(file, buffer, 0, length, offset)) < length) throw broken(path);
      return buffer;
    };
    const { count, length, offset } = directory(path, size, bytes);
    if (length > MAX_DIRECTORY || length < 46 * count) throw broken(path);
    return entries(path, bytes(offset, length), count, bytes);
  } finally {
    closeSync(file);
  }
}

const broken = (path: string) =>
  new ArcletError({ where: path, code: "broken", problem: "not a zip file, or cut short" });

type Read = (offset: number, length: number) => Buffer;

/** Where the directory is, from the record at the file's end. */
function directory(path: string, size: number, bytes: Read) {
  const length = Math.min(size, 65_557);
  const tail = bytes(size - length, length);
  let at = length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
  if (at < 0) throw broken(path);
  const record = {
    count: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  if (record.count < 0xffff && record.length < UNSET && record.offset < UNSET) return record;
  const locator = bytes(size - length + at - 20, 20);
  if (locator.readUInt32LE(0) !== LOCATOR_64) throw broken(path);
  const end = bytes(Number(locator.readBigUInt64LE(8)), 56);
  if (end.readUInt32LE(0) !== END_64) throw broken(path);
  return {
    count: Number(end.readBigUInt64LE(32)),
    length: Number(end.readBigUInt64LE(40)),
    offset: Number(end.readBigUInt64LE(48)),
  };
}

function entries(path: string, list: Buffer, count: number, bytes: Read): Map<string, ZipEntry> {
  const byName = new Map<string, ZipEntry>();
  for (let at = 0, i = 0; i < count; i++) {
    if (at + 46 > list.length || list.readUInt32LE(at) !== ENTRY) throw broken(path);
    const method = list.readUInt16LE(at + 10);
    const [nameLength, extraLength, noteLength] = [28, 30, 32].map((k) => list.readUInt16LE(at + k)) as [
      number,
      number,
      number,
    ];
    const next = at + 46 + nameLength + extraLength + noteLength;
    if (next > list.length) throw broken(path);
    const name = list.toString("utf8", at + 46, at + 46 + nameLength);
    const extra = list.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const wide = wideValues(extra);
    const value = (k: number) => {
      const short = list.readUInt32LE(at + k);
      if (short !== UNSET) return short;
      const long = wide.shift();
      if (long === undefined) throw broken(path);
      return long;
    };
    // In the order of the 64-bit values: size, packed size, offset of the local header.
    const size = value(24);
    const packed = value(20);
    const header = value(42);
    if ((method !== 0 && method !== DEFLATE) || (method === 0 && packed !== size))
      throw new ArcletError({
        where: path,
        code: "unsupported",
        problem: `entry ${name} is packed by method ${method}; only deflate is supported`,
      });
    const local = bytes(header, 30);
    if (local.readUInt32LE(0) !== LOCAL) throw broken(path);
    const offset = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    bytes(offset + Math.max(0, packed - 1), Math.min(packed, 1));
    byName.set(name, { offset, size, packed, deflated: method === DEFLATE, crc: list.readUInt32LE(at + 16) });
    at = next;
  }
  return byName;
}

/** The values of the zip64 extra field, in its order. */
function wideValues(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2);
    const field = extra.subarray(at + 4, at + 4 + length);
    if (extra.readUInt16LE(at) === 1)
      return Array.from({ length: field.length >> 3 }, (_, i) => Number(field.readBigUInt64LE(8 * i)));
    at += 4 + length;
  }
  return [];
}

/**
 * Reads an entry that is stored as it is, to see that it is whole.
 *
 * @throws ArcletError naming the zip file when its bytes don't have the CRC that the directory states
 */
export function checkEntry(path: string, name: string, { offset, size, crc }: ZipEntry): void {
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const chunk = Buffer.alloc(Math.min(size, 1 << 20));
    let sum = 0;
    for (let done = 0; done < size; ) {
      const count = guarded(path, () =>
        readSync(file, chunk, 0, Math.min(chunk.length, size - done), offset + done),
      );
      if (count === 0) throw broken(path);
      sum = crc32(chunk.subarray(0, count), sum);
      done += count;
    }
    if (sum !== crc) throw damaged(path, name);
  } finally {
    closeSync(file);
  }
}

const damaged = (path: string, name: string) =>
  new ArcletError({ where: path, code: "broken", problem: `entry ${name} is damaged (its CRC differs)` });

/**
 * Unpacks a deflated entry into a file, in memory that does not grow with it.
 *
 * @throws ArcletError naming the zip file when the entry does not unpack to the size and the CRC that it states, or unpacks
 *   to more than the bound
 */
export async function unpackEntry(path: string, name: string, entry: ZipEntry, to: string): Promise<void> {
  const unpacking = (reason: string) => `entry ${name} does not unpack (${reason})`;
  const wrong = (reason: string) =>
    new ArcletError({ where: path, code: "broken", problem: unpacking(reason) });
  let bytes = 0;
  let sum = 0;
  if (entry.size > mostUnpacked(entry.packed)) throw unpacksTooFar(path, entry.packed, `entry ${name}`);
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      sum = crc32(chunk, sum);
      done(bytes > entry.size ? wrong(`more than ${entry.size} bytes`) : null, chunk);
    },
  });
  try {
    const { offset, packed } = entry;
    if (packed === 0) throw wrong("empty");
    const from = createReadStream(path, { start: offset, end: offset + packed - 1 });
    await pipeline(from, createInflateRaw(), counted, createWriteStream(to, { flags: "wx" }));
    if (bytes !== entry.size) throw wrong(`${bytes} bytes, not ${entry.size}`);
    if (sum !== entry.crc) throw damaged(path, name);
  } catch (error) {
    throw foreignError(systemProblem(error) === undefined ? path : to, error, "broken", unpacking);
  }
}
