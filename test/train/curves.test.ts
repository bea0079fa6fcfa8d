import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CURVES_FILE, readCurves } from "../../src/train/curves.ts";
import { crc32c, EVENTS_FILE, writeEvents } from "../../src/train/tensorboard.ts";
import { train } from "../../src/train/train.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
let flags: Record<string, unknown>;
beforeAll(async () => {
  const [source, target] = [await writeSource(folder.path), await writeTarget(folder.path)];
  flags = { source, target, method: "dann", encoder: "cnn", stepsPerEpoch: 30, dann: { epochs: 2 } };
});
afterAll(folder.remove);

interface Decoded {
  time: number;
  step: number;
  version: string | undefined;
  values: Record<string, number>;
}

/** Records as the format defines them, read without the writer's code. */
function decode(path: string): Decoded[] {
  const file = readFileSync(path);
  const events: Decoded[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(maskedCrc(file.subarray(at, at + 8)));
    const message = file.subarray(at + 12, at + 12 + length);
    expect(file.readUInt32LE(at + 12 + length)).toBe(maskedCrc(message));
    at += length + 16;
    const fields = fieldsOf(message);
    const summary = fields.get(5)?.[0];
    const values = summary === undefined ? [] : (fieldsOf(summary as Buffer).get(1) as Buffer[]);
    events.push({
      time: (fields.get(1)![0] as Buffer).readDoubleLE(),
      step: Number(fields.get(2)?.[0] ?? 0),
      version: (fields.get(3)?.[0] as Buffer | undefined)?.toString(),
      values: Object.fromEntries(
        values.map((value) => {
          const of = fieldsOf(value);
          return [(of.get(1)![0] as Buffer).toString(), (of.get(2)![0] as Buffer).readFloatLE()];
        }),
      ),
    });
  }
  return events;
}

/** A message's fields by number: varints as numbers, all else as bytes. */
function fieldsOf(message: Buffer): Map<number, (Buffer | bigint)[]> {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = Number(varint());
    const size = { 1: () => 8, 2: () => Number(varint()), 5: () => 4 }[key & 7];
    let value: Buffer | bigint;
    if (size === undefined) value = varint();
    else {
      const length = size();
      value = message.subarray(at, at + length);
      at += length;
    }
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

/** CRC-32C bit by bit, masked. */
function maskedCrc(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
  }
  crc = ~crc >>> 0;
  return Number((((BigInt(crc) >> 15n) | ((BigInt(crc) << 17n) & 0xffffffffn)) + 0xa282ead8n) & 0xffffffffn);
}

test("the checksum is CRC-32C's", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa); // RFC 3720, B.4
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
});

test("an event file holds its version, then steps and values, large steps too", () => {
  const path = at("events");
  writeEvents(path, 5, [{ time: 7.25, step: 3e9, values: { "train/loss": 0.5, "ü/ä": -1 } }]);
  expect(decode(path)).toEqual([
    { time: 5, step: 0, version: "brain.Event:2", values: {} },
    { time: 7.25, step: 3e9, version: undefined, values: { "train/loss": 0.5, "ü/ä": -1 } },
  ]);
});

test("a run's curves have at most twenty points per epoch, whose means are the epoch's", async () => {
  const { records } = await train(configOf({ ...flags, out: at("run") }));
  const points = readCurves(at("run"));
  const adapting = points.filter(({ phase }) => phase === "adapt");
  expect(adapting.map(({ epoch }) => epoch).slice(0, 2)).toEqual([2 / 30, 4 / 30]);
  expect(points).toHaveLength(30); // 2 epochs of 30 steps, two steps a point
  expect(points.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => 2 * i + 2));
  for (const [i, record] of records.entries()) {
    const own = points.slice(15 * i, 15 * i + 15);
    for (const [name, value] of Object.entries(record.train)) {
      if (name === "dataShare") continue;
      const mean = own.reduce((sum, { values }) => sum + values[name]!, 0) / own.length;
      expect(mean).toBeCloseTo(value, 9);
    }
  }
  const events = decode(at(join("run", EVENTS_FILE)));
  expect(events[0]!.version).toBe("brain.Event:2");
  expect(events.filter(({ values }) => "train/loss" in values)).toHaveLength(30);
  const judged = events.filter(({ values }) => "validators/infomax" in values);
  expect(judged.map(({ step }) => step)).toEqual([30, 60]);
  expect(judged[1]!.values["validators/infomax"]).toBeCloseTo(records[1]!.validators.infomax!, 5);
});

test("a resumed run's curves continue at its step, whatever was written beyond", async () => {
  const whole = readCurves(at("run"));
  const out = at("resumed");
  const half = configOf({ ...flags, out });
  const stop = new Error("stop");
  let epochs = 0;
  // Interrupted after the first epoch, as by a kill: the folder keeps its files.
  const { Curves } = await import("../../src/train/curves.ts");
  const original = Curves.prototype.addEpoch;
  Curves.prototype.addEpoch = function (record) {
    original.call(this, record);
    if (++epochs === 1) throw stop;
  };
  try {
    await expect(train(half)).rejects.toBe(stop);
  } finally {
    Curves.prototype.addEpoch = original;
  }
  const file = join(out, CURVES_FILE);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const beyond = JSON.stringify({ ...JSON.parse(lines[14]!), step: 32 });
  writeFileSync(file, `${[...lines, beyond].join("\n")}\n{"time": 1, "ph`);
  await train(configOf({ ...flags, out, resume: true }));
  const timeless = (points: typeof whole) => points.map(({ time: _, ...point }) => point);
  expect(timeless(readCurves(out))).toEqual(timeless(whole));
  expect(decode(join(out, EVENTS_FILE)).filter(({ values }) => "train/loss" in values)).toHaveLength(30);
});

test("a broken line in the middle of the curves is refused with its number", () => {
  const run = folder.path;
  writeFileSync(join(run, CURVES_FILE), '{"step": 1}\n');
  expect(() => readCurves(run)).toThrow(`${join(run, CURVES_FILE)} line 1: is not a point of a curve`);
});
