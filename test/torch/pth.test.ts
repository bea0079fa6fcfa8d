import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { ArcletError } from "../../src/foundation/errors.ts";
import { keyOf } from "../../src/foundation/random.ts";
import { readPth } from "../../src/torch/pth/read.ts";
import { liveTensors } from "../../src/torch/scope.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/pth/${name}.pth`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "arclet-pth-"));
afterAll(() => rmSync(folder, { recursive: true }));

const free = (tensors: ReadonlyMap<string, { dispose(): void }>) => {
  for (const one of tensors.values()) one.dispose();
};

test("a state dictionary is read with views, shared storages and every type", () => {
  const before = liveTensors();
  const read = readPth(fixture("plain"));
  const values = Object.fromEntries([...read].map(([name, value]) => [name, value.numbers()]));
  const types = Object.fromEntries([...read].map(([name, value]) => [name, value.dtype]));
  expect(read.get("whole")!.shape).toEqual([3, 4]);
  expect(values.whole).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(read.get("turned")!.shape).toEqual([4, 3]);
  expect(values.turned).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
  expect(values.part).toEqual([5, 6, 9, 10]);
  expect(values.shared).toEqual(values.whole);
  expect(values.half).toEqual([0.5, -2]);
  expect(values.brain).toEqual([0.5, -2]);
  expect(values.double).toEqual([1 / 3]);
  expect(values.count).toEqual([7]);
  expect(values.flags).toEqual([1, 0]);
  expect(read.get("none")!.shape).toEqual([0, 3]);
  expect(values.learned).toEqual([1.5]);
  expect(types).toMatchObject({ half: "float16", brain: "bfloat16", double: "float64", count: "int64" });
  free(read);
  expect(liveTensors()).toBe(before);
});

test("from a checkpoint the model's state is taken, not the optimiser's", () => {
  const read = readPth(fixture("checkpoint"));
  expect([...read.keys()]).toEqual([
    "0.weight",
    "0.bias",
    "1.weight",
    "1.bias",
    "1.running_mean",
    "1.running_var",
    "1.num_batches_tracked",
  ]);
  expect(read.get("0.bias")!.numbers()).toEqual([0, 0.125]);
  free(read);
});

test("anything but a tensor is refused by name, and not run", () => {
  expect(() => readPth(fixture("harmful"))).toThrow(
    "harmful.pth: asks for posix.system, which is not a tensor: refused",
  );
  expect(existsSync("harmed")).toBe(false);
});

test("other files are refused in one line", () => {
  const path = join(folder, "old.pth");
  writeFileSync(path, "\x80\x02not a zip");
  expect(() => readPth(path)).toThrow("old.pth: not a zip file: convert a file from PyTorch before 1.6");
  expect(() => readPth(join(folder, "absent.pth"))).toThrow("absent.pth");
});

test("broken files are refused or read, and do no harm", () => {
  const path = join(folder, "broken.pth");
  const before = liveTensors();
  const whole = readFileSync(fixture("checkpoint"));
  const refusals = { cut: 0, flipped: 0 };
  const attempt = (kind: keyof typeof refusals, bytes: Buffer) => {
    writeFileSync(path, bytes);
    try {
      free(readPth(path));
    } catch (error) {
      expect(error).toBeInstanceOf(ArcletError);
      expect((error as Error).message).not.toContain("\n");
      refusals[kind]++;
    }
  };
  for (let i = 0; i < 100; i++) attempt("cut", whole.subarray(0, Math.floor((i * whole.length) / 100)));
  for (let i = 0; i < 300; i++) {
    const bytes = Buffer.from(whole);
    for (let k = 0; k < 8; k++) bytes[keyOf(5, i, k) % bytes.length] = keyOf(6, i, k) % 256;
    attempt("flipped", bytes);
  }
  expect(refusals.cut).toBe(100);
  expect(refusals.flipped).toBeGreaterThan(50);
  expect(liveTensors()).toBe(before);
  copyFileSync(fixture("plain"), path);
  free(readPth(path));
});
