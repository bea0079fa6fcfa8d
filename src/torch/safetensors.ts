/**
 * safetensors files: an 8-byte little-endian header length, a JSON header of names, types, shapes and offsets
 * (with string metadata under `__metadata__`), then the values, row-major. Format: github.com/huggingface/safetensors.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded, writeFileWhole } from "../foundation/files.ts";
import { bytesOf, type DType } from "./dtype.ts";
import { mapFile, viewAs } from "./mapped.ts";
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

/** What a safetensors file holds. */
export interface SafeTensors {
  /** Tensors by name. */
  tensors: Map<string, Tensor>;
  /** Texts by name. */
  metadata: Record<string, string>;
}

/** Bytes of the largest header that the reference implementation accepts. */
const MAX_HEADER = 100_000_000;

/** Metadata that our files have: SHA-256 of the header's JSON without this, then the values. */
const HASH = "arclet_sha256";
const CHUNK = 2 ** 23;

/** Writes named tensors and string metadata, with a hash of both; the file is whole or not there. */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): void {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, value] of tensors) {
    const code = codeOf.get(value.dtype);
    if (code === undefined || name === "__metadata__") {
      refuse(
        "writeSafetensors",
        `tensor ${name}`,
        "of a type and name that the format supports",
        value.dtype,
      );
    }
    const bytes = Buffer.from(native().toBytes(value));
    header[name] = {
      dtype: code,
      shape: value.shape,
      data_offsets: [offset, offset + bytes.length],
    };
    offset += bytes.length;
    parts.push(bytes);
  }
  const hash = createHash("sha256").update(JSON.stringify(header));
  for (const part of parts) hash.update(part);
  header.__metadata__ = { ...metadata, [HASH]: hash.digest("hex") };
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
 * @throws ArcletError when the file is missing, cut short or not of the format, or has a hash of ours that differs
 */
export function readSafetensors(path: string): SafeTensors {
  const { header, metadata, hash, start, size } = readHeader(path);
  const tensors = new Map<string, Tensor>();
  try {
    for (const [name, entry] of Object.entries(header))
      tensors.set(name, readTensor(path, name, entry, start));
    checkCovered(path, header, size - start);
    if (hash !== undefined) checkHash(path, { __metadata__: metadata, ...header }, start, hash);
  } catch (error) {
    for (const tensor of tensors.values()) tensor.dispose();
    throw error;
  }
  return { tensors, metadata };
}

/** @throws ArcletError unless the tensors lie one after the other and fill the file, as the format asks */
function checkCovered(path: string, header: Record<string, Entry>, bytes: number): void {
  const spans = Object.values(header).map(({ data_offsets }) => data_offsets);
  let end = 0;
  const follows = spans
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .every(([from, to]) => {
      const next = from === end;
      end = to;
      return next;
    });
  if (follows && end === bytes) return;
  throw new ArcletError({
    where: path,
    code: "broken",
    problem: `is damaged: its tensors don't fill its ${bytes} bytes of values, one after the other`,
    fix: "bring it back from a copy, or make it again",
  });
}

/** @throws ArcletError when header and values are not what was written */
function checkHash(path: string, header: object, start: number, expected: string): void {
  const hash = createHash("sha256").update(JSON.stringify(header));
  const chunk = Buffer.alloc(CHUNK);
  guarded(path, () => {
    const file = openSync(path, "r");
    try {
      for (let at = start, count = -1; count !== 0; at += count) {
        count = readSync(file, chunk, 0, CHUNK, at);
        hash.update(chunk.subarray(0, count));
      }
    } finally {
      closeSync(file);
    }
  });
  if (hash.digest("hex") !== expected)
    throw new ArcletError({
      where: path,
      code: "broken",
      problem: "is damaged: its content is not what was written",
      fix: "bring it back from a copy, or make it again; a program that copies it must leave out the metadata arclet_sha256",
    });
}

function readTensor(path: string, name: string, entry: Entry, start: number): Tensor {
  const dtype = dtypeOf.get(entry?.dtype);
  const wrong = (problem: string) =>
    new ArcletError({ where: path, part: `tensor ${name}`, code: "broken", problem });
  if (dtype === undefined) throw wrong(`has unknown type ${entry?.dtype}`);
  const whole = (list: unknown) =>
    Array.isArray(list) && list.every((item) => Number.isSafeInteger(item) && item >= 0);
  if (!whole(entry.shape) || !whole(entry.data_offsets)) {
    throw wrong("has no shape or offsets of whole numbers");
  }
  const [from, to] = entry.data_offsets;
  const bytes = entry.shape.reduce((product, length) => product * length, 1) * bytesOf[dtype];
  if (to - from !== bytes) {
    throw wrong(`must take ${bytes} bytes for its shape, got ${to - from}`);
  }
  return keep(
    tidy(() => {
      // Copied, so that the tensor outlives the file, and as bytes, since values need not be aligned to their type.
      const copied = mapFile(path, "uint8", [bytes], start + from).clone();
      return (bytes === 0 ? copied.to(dtype) : viewAs(copied, dtype)).reshape(entry.shape);
    }),
  );
}

/** A file's metadata alone. */
export const readSafetensorsMetadata = (path: string): Record<string, string> => readHeader(path).metadata;

function readHeader(path: string) {
  const size = guarded(path, () => statSync(path).size);
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const prefix = Buffer.alloc(8);
    if (size < 8 || readSync(file, prefix, 0, 8, 0) < 8)
      throw new ArcletError({ where: path, code: "broken", problem: "not a safetensors file" });
    const length = Number(prefix.readBigUInt64LE());
    if (length > MAX_HEADER || 8 + length > size) {
      throw new ArcletError({
        where: path,
        code: "truncated",
        problem: "not a safetensors file, or cut short",
      });
    }
    const json = Buffer.alloc(length);
    readSync(file, json, 0, length, 8);
    const parsed = parse(path, json.toString("utf8"));
    if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
      throw new ArcletError({
        where: path,
        code: "broken",
        problem: "not a safetensors file (its header is not an object)",
      });
    }
    const { __metadata__: given, ...header } = parsed as Record<string, unknown>;
    // null stands for none, as in the reference implementation (an `Option` of serde's)
    const { [HASH]: hash, ...metadata } = (given ?? {}) as Record<string, string>;
    if (!isTexts(given ?? {}))
      throw new ArcletError({
        where: path,
        code: "broken",
        problem: "not a safetensors file (its __metadata__ is not texts by name)",
      });
    return {
      header: header as Record<string, Entry>,
      metadata,
      hash,
      start: 8 + length,
      size,
    };
  } finally {
    closeSync(file);
  }
}

const isTexts = (value: unknown): value is Record<string, string> =>
  value !== null &&
  typeof value === "object" &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => typeof one === "string");

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ArcletError(
      { where: path, code: "broken", problem: "not a safetensors file (its header is not JSON)" },
      { cause: error },
    );
  }
}
