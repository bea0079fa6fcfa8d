import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { call } from "../../src/torch/call.ts";
import { tensor } from "../../src/torch/create.ts";
import type { DType } from "../../src/torch/dtype.ts";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "../../src/torch/safetensors.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { messageOf } from "./child.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-safetensors-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

/** A safetensors file, written by hand. */
function file(name: string, header: unknown, values: Uint8Array, pad = 0): string {
  const json = Buffer.from((typeof header === "string" ? header : JSON.stringify(header)) + " ".repeat(pad));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path(name), Buffer.concat([length, json, values]));
  return path(name);
}

const DTYPES: DType[] = [
  "float64",
  "float32",
  "bfloat16",
  "float16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
];

test("every type, every shape and metadata survive a file", () => {
  const before = liveTensors();
  tidy(() => {
    const tensors = new Map<string, Tensor>(
      DTYPES.map((dtype) => [`a.${dtype}`, tensor([1, 0, 1, 1, 0, 1], [2, 3], { dtype })]),
    );
    tensors.set("scalar", tensor(2.5));
    tensors.set("empty", tensor([], [0, 4]));
    tensors.set("strided", tensor([1, 2, 3, 4], [2, 2]).transpose(0, 1));
    writeSafetensors(path("all"), tensors, { encoder: "cnn", ünï: "§" });
    const read = readSafetensors(path("all"));
    expect(read.metadata).toEqual({ encoder: "cnn", ünï: "§" });
    expect([...read.tensors.keys()]).toEqual([...tensors.keys()]);
    for (const [name, loaded] of read.tensors) {
      const original = tensors.get(name) as Tensor;
      expect([name, loaded.dtype, loaded.shape, loaded.data()]).toEqual([
        name,
        original.dtype,
        original.shape,
        original.data(),
      ]);
      loaded.dispose();
    }
    expect(readSafetensorsMetadata(path("all"))).toEqual(read.metadata);
  });
  expect(liveTensors()).toBe(before);
});

test("the bytes are the format's: length, JSON, values from a multiple of 8", () => {
  tidy(() => writeSafetensors(path("bytes"), new Map([["w", tensor([1, 2], [1, 2])]]), { a: "b" }));
  const bytes = readFileSync(path("bytes"));
  const length = Number(bytes.readBigUInt64LE());
  expect((8 + length) % 8).toBe(0);
  // SHA-256 of the header without the hash, then the values.
  const hashed = '{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
  const values = Buffer.from(new Float32Array([1, 2]).buffer);
  const hash = createHash("sha256").update(hashed).update(values).digest("hex");
  expect(JSON.parse(bytes.subarray(8, 8 + length).toString())).toEqual({
    __metadata__: { a: "b", arclet_sha256: hash },
    w: { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] },
  });
  expect(bytes.subarray(8 + length)).toEqual(Buffer.from(new Float32Array([1, 2]).buffer));
});

test("any bit of a written file that flips is noticed", () => {
  tidy(() => writeSafetensors(path("flip"), new Map([["w", tensor([1, 2, 3], [3])]]), { a: "b" }));
  const whole = readFileSync(path("flip"));
  const before = liveTensors();
  const padding = whole.indexOf("}}", 8) + 2; // spaces, which mean nothing
  const key = whole.indexOf("arclet_sha256"); // the hash's own name: nothing else is damaged then
  const values = 8 + Number(whole.readBigUInt64LE());
  for (let bit = 0; bit < 8 * whole.length; bit += 3) {
    const byte = bit >> 3;
    if ((byte >= padding && byte < values) || (byte >= key && byte < key + 13)) continue;
    const broken = Buffer.from(whole);
    broken[byte]! ^= 1 << (bit & 7);
    writeFileSync(path("flipped"), broken);
    expect(
      messageOf(() => readSafetensors(path("flipped"))),
      `bit ${bit}`,
    ).toMatch(/flipped/);
  }
  expect(liveTensors()).toBe(before);
  writeFileSync(path("flipped"), Buffer.concat([whole.subarray(0, -1), Buffer.of(0)]));
  expect(messageOf(() => readSafetensors(path("flipped")))).toMatch(
    /flipped: is damaged: its content is not what was written; bring it back from a copy, or make it again; .* arclet_sha256$/,
  );
});

test("metadata that are null are none, as the reference implementation has it", () => {
  const header = { __metadata__: null, b: { dtype: "U8", shape: [1], data_offsets: [0, 1] } };
  const { tensors, metadata } = readSafetensors(file("null", header, Buffer.from([7])));
  expect(metadata).toEqual({});
  expect(tensors.get("b")?.numbers()).toEqual([7]);
  for (const read of tensors.values()) read.dispose();
  expect(messageOf(() => readSafetensors(file("one", { __metadata__: { a: null } }, Buffer.of())))).toMatch(
    /__metadata__ is not texts by name/,
  );
});

test("values may start at any byte", () => {
  const values = Buffer.concat([Buffer.from([7, 8, 9]), Buffer.from(new Float32Array([1.5, -2]).buffer)]);
  const header = {
    bytes: { dtype: "U8", shape: [3], data_offsets: [0, 3] },
    odd: { dtype: "F32", shape: [2], data_offsets: [3, 11] },
  };
  for (const pad of [0, 1, 2, 3]) {
    const { tensors } = readSafetensors(file("odd", header, values, pad));
    expect(tensors.get("odd")?.numbers()).toEqual([1.5, -2]);
    expect(tensors.get("bytes")?.numbers()).toEqual([7, 8, 9]);
    for (const read of tensors.values()) read.dispose();
  }
});

test("values that no tensor has, or two have, are refused, as by the reference implementation", () => {
  const entry = (from: number, to: number) => ({ dtype: "U8", shape: [to - from], data_offsets: [from, to] });
  const read = (header: Record<string, unknown>, bytes: number) =>
    messageOf(() => readSafetensors(file("covered", header, new Uint8Array(bytes))));
  const before = liveTensors();
  const fault = (bytes: number) =>
    new RegExp(`covered: is damaged: its tensors don't fill its ${bytes} bytes`);
  expect(read({ a: entry(0, 4) }, 5)).toMatch(fault(5));
  expect(read({ a: entry(1, 4) }, 4)).toMatch(fault(4));
  expect(read({ a: entry(0, 4), b: entry(6, 8) }, 8)).toMatch(fault(8));
  expect(read({ a: entry(0, 8), b: entry(4, 8) }, 8)).toMatch(fault(8));
  expect(read({}, 3)).toMatch(fault(3));
  expect(liveTensors()).toBe(before);
  const { tensors } = readSafetensors(
    file("covered", { b: entry(4, 8), none: entry(4, 4), a: entry(0, 4) }, new Uint8Array(8)),
  );
  expect([...tensors.keys()]).toEqual(["b", "none", "a"]);
  for (const one of tensors.values()) one.dispose();
});

test("tensors outlive the file", () => {
  tidy(() => writeSafetensors(path("gone"), new Map([["w", tensor([1, 2])]])));
  const { tensors } = readSafetensors(path("gone"));
  writeFileSync(path("gone"), "");
  const w = tensors.get("w") as Tensor;
  expect(w.numbers()).toEqual([1, 2]);
  w.dispose();
});

test.each<[string, string, RegExp]>([
  ["missing", path("none"), /none: no such file or folder$/],
  ["too short", file("tiny", "", new Uint8Array(0)), /tiny: not a safetensors file/],
  [
    "not JSON",
    file("text", "hello!", new Uint8Array(8)),
    /text: not a safetensors file \(its header is not JSON\)/,
  ],
  [
    "a list",
    file("list", [1], new Uint8Array(8)),
    /list: not a safetensors file \(its header is not an object\)/,
  ],
  [
    "cut",
    file("cut", { w: { dtype: "F32", shape: [4], data_offsets: [0, 16] } }, new Uint8Array(12)),
    /cut: file must be at least \d+ bytes long, got \d+/,
  ],
  [
    "of unknown type",
    file("f8", { w: { dtype: "F8_E4M3", shape: [4], data_offsets: [0, 4] } }, new Uint8Array(4)),
    /f8 tensor w: has unknown type F8_E4M3/,
  ],
  [
    "inconsistent",
    file("size", { w: { dtype: "F32", shape: [3], data_offsets: [0, 16] } }, new Uint8Array(16)),
    /size tensor w: must take 12 bytes for its shape, got 16/,
  ],
  [
    "without a shape",
    file("shape", { w: { dtype: "F32", data_offsets: [0, 16] } }, new Uint8Array(16)),
    /shape tensor w: has no shape/,
  ],
  [
    "of negative shape",
    file("minus", { w: { dtype: "F32", shape: [-1], data_offsets: [0, 4] } }, new Uint8Array(16)),
    /minus tensor w: has no shape/,
  ],
])("a file that is %s is refused in one line that names it", (_, name, message) => {
  const before = liveTensors();
  expect(messageOf(() => readSafetensors(name))).toMatch(message);
  expect(liveTensors()).toBe(before);
});

test("a complex tensor is refused by name, and nothing is written", () => {
  tidy(() => {
    const complex = call("aten::complex", tensor([1]), tensor([2])) as Tensor;
    const write = () => writeSafetensors(path("complex"), new Map([["z", complex]]));
    expect(messageOf(write)).toMatch(
      /^writeSafetensors: tensor z must be of a type and name that the format supports/,
    );
    expect(existsSync(path("complex"))).toBe(false);
  });
});

const python = "/usr/bin/python3";
const numpy = (() => {
  try {
    execFileSync(python, ["-c", "import numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!numpy)("a reader written in Python from the format's description finds the same values", () => {
  tidy(() =>
    writeSafetensors(
      path("python"),
      new Map([
        ["x", tensor([1.5, -2, 3], [3, 1])],
        ["n", tensor([4, 5], [2], { dtype: "int64" })],
      ]),
    ),
  );
  const script = `
import json, sys, numpy as np
raw = open(sys.argv[1], "rb").read()
n = int.from_bytes(raw[:8], "little")
out = {}
for name, e in json.loads(raw[8:8+n]).items():
    if name == "__metadata__": continue
    a, b = e["data_offsets"]
    out[name] = np.frombuffer(raw[8+n+a:8+n+b], {"F32": "<f4", "I64": "<i8"}[e["dtype"]]).reshape(e["shape"]).tolist()
print(json.dumps(out))`;
  expect(JSON.parse(execFileSync(python, ["-c", script, path("python")], { encoding: "utf8" }))).toEqual({
    x: [[1.5], [-2], [3]],
    n: [4, 5],
  });
});
