import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { mapFile } from "../../src/torch/mapped.ts";
import { liveBytes, liveTensors, tidy } from "../../src/torch/scope.ts";
import { slow } from "../slow.ts";
import { inChild, messageOf } from "./child.ts";

slow("writes 256 MB");

const folder = mkdtempSync(join(tmpdir(), "arclet-mapped-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, data: NodeJS.ArrayBufferView): string {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
}

test("values are read from an offset and in any shape", () => {
  tidy(() => {
    const path = file("floats", new Float32Array([9, 9, 1, 2, 3, 4, 5, 6]));
    const x = mapFile(path, "float32", [2, 3], 8);
    expect([x.shape, x.dtype, x.numbers()]).toEqual([[2, 3], "float32", [1, 2, 3, 4, 5, 6]]);
    expect(mapFile(path, "uint8", [4], 28).numbers()).toEqual([
      ...new Uint8Array(new Float32Array([6]).buffer),
    ]);
    expect(mapFile(path, "float32", [0, 3], 32).shape).toEqual([0, 3]);
    expect(mapFile(file("longs", new BigInt64Array([1n, -5n])), "int64", [1], 8).numbers()).toEqual([-5]);
  });
});

test("writing to the tensor does not change the file", () => {
  tidy(() => {
    const path = file("kept", new Float32Array([1, 2]));
    const x = mapFile(path, "float32", [2]);
    x.copy_(x.mul(10));
    expect(x.numbers()).toEqual([10, 20]);
    expect(mapFile(path, "float32", [2]).numbers()).toEqual([1, 2]);
  });
});

test("a mapped file counts as no memory and leaves one tensor", () => {
  const path = file("big", new Uint8Array(1 << 20));
  const [tensors, bytes] = [liveTensors(), liveBytes()];
  const x = mapFile(path, "uint8", [1 << 20]);
  expect([liveTensors() - tensors, liveBytes() - bytes]).toEqual([1, 0]);
  x.dispose();
});

test("a missing file, a short one, a bad offset and a bad shape are refused by name", () => {
  const path = file("short", new Float32Array(4));
  truncateSync(path, 15);
  expect(messageOf(() => mapFile(path, "float32", [4]))).toBe(
    `${path}: file must be at least 16 bytes long, got 15`,
  );
  expect(messageOf(() => mapFile(path, "float32", [2], 2))).toBe(
    `${path}: offset must be a multiple of 4 bytes, got 2`,
  );
  expect(messageOf(() => mapFile(path, "float32", [2], -4))).toMatch(
    /offset must be a whole number of bytes/,
  );
  expect(messageOf(() => mapFile(path, "float32", [-2]))).toMatch(/shape must be of whole numbers/);
  expect(messageOf(() => mapFile(join(folder, "none"), "float32", [1]))).toMatch(
    /none: no such file or folder$/,
  );
});

test("mapping 256 MB and reading one row does not raise resident memory", () => {
  const path = join(folder, "sparse");
  writeFileSync(path, "");
  truncateSync(path, 256 << 20);
  const source = `
    torch.ones([2]).add(1);
    const before = process.memoryUsage().rss;
    const x = torch.mapFile(${JSON.stringify(path)}, "float32", [1 << 16, 1 << 10]);
    const row = torch.tidy(() => x.select(0, 40000).sum().item());
    const touched = process.memoryUsage().rss - before;
    const all = torch.tidy(() => x.sum().item());
    console.log(JSON.stringify([row, touched, all]));`;
  const [row, touched, all] = inChild(source);
  expect([row, all]).toEqual([0, 0]);
  expect(touched).toBeLessThan(20 << 20);
});
