/**
 * Scalars for TensorBoard: an event file, which is a TFRecord file of Event messages.
 *
 * Record (TensorFlow, tsl/lib/io/record_writer.h): length as little-endian uint64, its masked CRC-32C, the message, its
 * masked CRC-32C; a CRC is masked by rotating it right by 15 bits and adding 0xa282ead8.
 * Messages (tensorflow/core/util/event.proto, framework/summary.proto): Event { 1 wall_time: double, 2 step: int64,
 * 3 file_version: string, 5 summary: Summary }, Summary { 1 value: repeated Value }, Value { 1 tag: string,
 * 2 simple_value: float }.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { guarded } from "../foundation/files.ts";

/** TensorBoard recognises its files by `tfevents` in the name. */
export const EVENTS_FILE = "events.out.tfevents.arclet";

export interface ScalarEvent {
  /** Seconds since 1970. */
  time: number;
  step: number;
  /** By tag, e.g. `train/loss`. */
  values: Readonly<Record<string, number>>;
}

/** Starts an event file with the events so far; `appendEvents` adds to it. */
export function writeEvents(path: string, time: number, events: readonly ScalarEvent[]): void {
  const version = concat([double(1, time), bytes(3, Buffer.from("brain.Event:2"))]);
  guarded(path, () => writeFileSync(path, concat([record(version), ...events.map(eventRecord)])));
}

export function appendEvents(path: string, events: readonly ScalarEvent[]): void {
  guarded(path, () => appendFileSync(path, concat(events.map(eventRecord))));
}

function eventRecord({ time, step, values }: ScalarEvent): Uint8Array {
  const summary = Object.entries(values).map(([tag, value]) =>
    bytes(1, concat([bytes(1, Buffer.from(tag)), float(2, value)])),
  );
  return record(concat([double(1, time), varintField(2, step), bytes(5, concat(summary))]));
}

function record(message: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(message.length));
  return concat([length, masked(length), message, masked(message)]);
}

/** The masked CRC-32C, little-endian. */
function masked(data: Uint8Array): Uint8Array {
  const crc = crc32c(data);
  const rotated = ((crc >>> 15) | (crc << 17)) >>> 0;
  const field = Buffer.alloc(4);
  field.writeUInt32LE((rotated + 0xa282ead8) >>> 0);
  return field;
}

/** CRC-32C, polynomial 0x1EDC6F41, reflected (RFC 3720, appendix B.4). */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

// Protocol buffers: a field is its number and wire type, then its value.
const key = (field: number, wire: number): Uint8Array => varint((field << 3) | wire);
const varintField = (field: number, value: number) => concat([key(field, 0), varint(value)]);
const bytes = (field: number, value: Uint8Array) => concat([key(field, 2), varint(value.length), value]);

function double(field: number, value: number): Uint8Array {
  const fixed = Buffer.alloc(8);
  fixed.writeDoubleLE(value);
  return concat([key(field, 1), fixed]);
}

function float(field: number, value: number): Uint8Array {
  const fixed = Buffer.alloc(4);
  fixed.writeFloatLE(value);
  return concat([key(field, 5), fixed]);
}

/** Seven bits per byte, the lowest first. `value` is a whole number from 0. */
function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = BigInt(value);
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest));
  return Uint8Array.from(out);
}

const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
