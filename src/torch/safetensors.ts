/**
 * safetensors files: an 8-byte little-endian header length, a JSON header of names, types, shapes and offsets
 * (with string metadata under `__metadata__`), then the values, row-major. Format: github.com/huggingface/safetensors.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { ArcletError } from "../foundation/errors.ts";
import { guarded, writeFileWhole } from "../foundation/files.ts";
import type { DType } from "./dtype.ts";
import { mapFile } from "./mapped.ts";
import { native } from "./native.ts";
import { keep, tidy } from "./scope.ts";
import type { Tensor } from "./tensor.ts";

const CODES: [DType, string][] = [
  ["float64", "F64"],
  ["float32", "F32"],
  ["bfloat16", "BF16"],
  ["float16", "F16"],
  ["int64", "I64"],
  ["int32", "I32"],
  ["int16", "I16"],
  ["int8", "I8"],
  ["uint8", "U8"],
  ["bool", "BOOL"],
];
const codeOf = new Map(CODES);
const dtypeOf = new Map(CODES.map(([dtype, code]) => [code, dtype]));

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export interface SafeTensors {
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
}

/** The largest header that the reference implementation accepts. */
const MAX_HEADER = 100_000_000;

/** Writes named tensors and string metadata; the file is whole or not there. */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): void {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, value] of tensors) {
    const bytes = Buffer.from(native.toBytes(value));
    header[name] = {
      dtype: codeOf.get(value.dtype),
      shape: value.shape,
      data_offsets: [offset, offset + bytes.length],
    };
    offset += bytes.length;
    parts.push(bytes);
  }
  // Padded with spaces so that the values start on a multiple of 8 bytes and can be mapped.
  const text = JSON.stringify(header);
  const json = Buffer.from(text + " ".repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  guarded(path, () => writeFileWhole(path, Buffer.concat([length, json, ...parts])));
}

/**
 * Reads a file's tensors (copied out of it, kept out of scopes) and metadata.
 *
 * @throws ArcletError when the file is missing, cut short or not of the format
 */
export function readSafetensors(path: string): SafeTensors {
  const { header, metadata, start } = readHeader(path);
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    const dtype = dtypeOf.get(entry.dtype);
    if (dtype === undefined) throw new ArcletError(`${path}: tensor ${name} has unknown type ${entry.dtype}`);
    const offset = start + entry.data_offsets[0];
    // clone: the tensor must outlive a file that is replaced or removed
    tensors.set(name, keep(tidy(() => mapFile(path, dtype, entry.shape, offset).clone())));
  }
  return { tensors, metadata };
}

/** A file's metadata alone. */
export const readSafetensorsMetadata = (path: string): Record<string, string> => readHeader(path).metadata;

function readHeader(path: string) {
  const size = guarded(path, () => statSync(path).size);
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const prefix = Buffer.alloc(8);
    if (size < 8 || readSync(file, prefix, 0, 8, 0) < 8)
      throw new ArcletError(`${path}: not a safetensors file`);
    const length = Number(prefix.readBigUInt64LE());
    if (length > MAX_HEADER || 8 + length > size) {
      throw new ArcletError(`${path}: not a safetensors file, or cut short`);
    }
    const json = Buffer.alloc(length);
    readSync(file, json, 0, length, 8);
    const parsed = parse(path, json.toString("utf8"));
    const { __metadata__: metadata = {}, ...header } = parsed as Record<string, unknown>;
    return {
      header: header as Record<string, Entry>,
      metadata: metadata as Record<string, string>,
      start: 8 + length,
    };
  } finally {
    closeSync(file);
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ArcletError(`${path}: not a safetensors file (its header is not JSON)`, { cause: error });
  }
}
