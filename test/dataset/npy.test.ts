import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NpyReader } from "../../src/dataset/npy.ts";
import { NpyWriter } from "../../src/dataset/npy-writer.ts";
import { bytesOf, scratch, writeNpy } from "../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);

describe("reading .npy", () => {
  test.each([
    ["|u1", new Uint8Array([1, 2, 250, 4])],
    ["<i2", new Int16Array([1, -2, 300, 4])],
    ["<u2", new Uint16Array([1, 2, 65000, 4])],
    ["<i4", new Int32Array([1, -2, 70000, 4])],
    ["<f4", new Float32Array([1, -2.5, 3e30, 4])],
    ["<f8", new Float64Array([1, -2.5, 3e300, 4])],
  ])("gives the values of %s in their own type", (descr, values) => {
    writeNpy(at("a.npy"), descr, [2, 2], bytesOf(values));
    const reader = new NpyReader(at("a.npy"));
    expect(reader.read(0, 2)).toEqual(values);
    expect(reader.read(1)).toEqual(values.slice(2));
    reader.close();
  });

  test("swaps big-endian values, and reads format 2", () => {
    const bytes = Buffer.alloc(8);
    bytes.writeFloatBE(1.5, 0);
    bytes.writeFloatBE(-7, 4);
    writeNpy(at("big.npy"), ">f4", [2], bytes, { version: 2 });
    const reader = new NpyReader(at("big.npy"));
    expect([...reader.read(0, 2)]).toEqual([1.5, -7]);
    reader.close();
  });

  test("says how many bytes a truncated file lacks", () => {
    writeNpy(at("cut.npy"), "<f4", [1000], new Uint8Array(4000));
    truncateSync(at("cut.npy"), readFileSync(at("cut.npy")).length - 3000);
    expect(() => new NpyReader(at("cut.npy"))).toThrow(
      /cut\.npy: holds 1000 bytes, its header promises 4000 \(truncated\)/,
    );
    writeFileSync(at("cut.npy"), readFileSync(at("cut.npy")).subarray(0, 40));
    expect(() => new NpyReader(at("cut.npy"))).toThrow(/ends within its header/);
  });

  test("refuses what it can't read, and says why", () => {
    writeNpy(at("f.npy"), "<f4", [2, 2], new Uint8Array(16), { fortran: true });
    expect(() => new NpyReader(at("f.npy"))).toThrow(/Fortran order/);
    writeNpy(at("o.npy"), "|O", [1], new Uint8Array(8));
    expect(() => new NpyReader(at("o.npy"))).toThrow(/Python objects/);
    writeNpy(at("c.npy"), "<c8", [1], new Uint8Array(8));
    expect(() => new NpyReader(at("c.npy"))).toThrow(/has dtype <c8/);
    writeFileSync(at("x.npy"), "a text, not an array");
    expect(() => new NpyReader(at("x.npy"))).toThrow(/x\.npy: is not a NumPy/);
    expect(() => new NpyReader(at("absent.npy"))).toThrow(/absent\.npy: no such file/);
  });
});

test("the writer's header is NumPy's, its numbers start at 128", () => {
  const writer = new NpyWriter(at("w.npy"), "f4", [1, 2]);
  writer.append(new Float32Array([1, 2]), 1);
  writer.append(new Float32Array([3, 4, 5, 6]), 2);
  writer.close();
  const bytes = readFileSync(at("w.npy"));
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from("\x93NUMPY\x01\x00", "latin1"));
  expect(10 + bytes.readUInt16LE(8)).toBe(128);
  expect(bytes.toString("latin1", 10, 127).trimEnd()).toBe(
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1, 2), }",
  );
  expect(bytes[127]).toBe(10);
  expect([0, 1, 2, 3, 4, 5].map((i) => bytes.readFloatLE(128 + 4 * i))).toEqual([1, 2, 3, 4, 5, 6]);
});
