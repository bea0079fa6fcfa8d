/** The small network: what it sees, what it learns, and its file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { distil } from "../../../src/evaluate/cascade/distil.ts";
import { pooled, poolOf, readStudent, Student, writeStudent } from "../../../src/evaluate/cascade/student.ts";
import { noGrad } from "../../../src/torch/autograd.ts";
import { ones, tensor } from "../../../src/torch/create.ts";
import { pad2d } from "../../../src/torch/neural.ts";
import { Generator } from "../../../src/torch/random.ts";
import { writeSafetensors } from "../../../src/torch/safetensors.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";
import { slow } from "../../slow.ts";

slow("trains small networks");

const folder = mkdtempSync(join(tmpdir(), "arclet-student-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const all = (pool: number) => ({ pool, seen: 99 });

test("squares of pixels become one, so that a side has about 32, of which the middle ones are seen", () => {
  expect([24, 32, 45, 64, 101, 200].map((side) => poolOf(side, side))).toEqual([1, 1, 1, 2, 3, 6]);
  tidy(() => {
    const image = tensor([1, 3, 9, 5, 7, 9, 0, 0, 0], [1, 1, 3, 3]);
    expect(pooled(image, all(2), () => "here").numbers()).toEqual([4]);
    expect(pooled(image, all(1), () => "here").numbers()).toEqual(image.numbers());
    expect(pooled(image, { pool: 1, seen: 1 }, () => "here").numbers()).toEqual([7]);
    const wide = tensor(
      Array.from({ length: 6 * 8 }, (_, i) => i % 8),
      [1, 1, 6, 8],
    );
    const middle = pooled(wide, { pool: 2, seen: 2 }, () => "here");
    expect(middle.shape).toEqual([1, 1, 2, 2]);
    expect(middle.numbers()).toEqual([2.5, 4.5, 2.5, 4.5]);
  });
});

test("a pixel that is not finite is named, also where no square has it; large ones are no such pixels", () => {
  tidy(() => {
    const at = (index: number) => `image ${index}`;
    const images = (...last: number[]) => tensor([0, 0, 0, 0, 0, 0, 0, 0, 0, ...last], [2, 1, 3, 3]);
    const odd = images(0, 0, 0, 0, 0, 0, 0, 0, Number.NaN);
    expect(() => pooled(odd, all(2), at)).toThrow("image 1: pixels must be finite");
    expect(() => pooled(odd, { pool: 1, seen: 1 }, at)).toThrow("image 1: pixels must be finite");
    const inside = images(Number.POSITIVE_INFINITY, 0, 0, 0, 0, 0, 0, 0, 0);
    for (const pool of [1, 2, 3]) expect(() => pooled(inside, all(pool), at)).toThrow("image 1: pixels");
    const large = tensor(Array(8).fill(3e38), [2, 1, 2, 2]);
    expect(() => pooled(large, all(2), at)).not.toThrow();
  });
});

/** Images of noise; those of even index have a bright middle. */
const images = (count: number): Tensor =>
  tidy(() => {
    const bright = tensor(
      Float32Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 3 : 0)),
      [count, 1, 1, 1],
    );
    const middle = pad2d(ones([1, 1, 4, 4]), [6, 6, 6, 6]);
    return new Generator(3).normal([count, 1, 16, 16]).add(middle.mul(bright));
  });

const oddsOf = (student: Student, x: Tensor) => tidy(() => noGrad(() => student.forward(x).numbers()));

test("it learns what the finder says, the same twice, and its file is the same network", async () => {
  const x = images(120);
  const finder = Float64Array.from({ length: 120 }, (_, i) => (i % 2 === 0 ? 3 : -3));
  const learn = () =>
    distil(x, finder, { epochs: 10, seed: 4, pool: 1, precision: "float32", tick: () => {} });
  const live = liveTensors();
  const student = await learn();
  const odds = oddsOf(student, x);
  const [bright, dark] = [0, 1].map((side) => odds.filter((_, i) => i % 2 === side)) as [number[], number[]];
  expect(Math.min(...bright)).toBeGreaterThan(Math.max(...dark));
  const again = await learn();
  expect(oddsOf(again, x)).toEqual(odds);
  again.dispose();
  const file = join(folder, "student.safetensors");
  writeStudent(file, student);
  student.dispose();
  expect(liveTensors()).toBe(live);
  const read = readStudent(file);
  expect(oddsOf(read, x)).toEqual(odds);
  read.dispose();
  x.dispose();
  const bytes = readFileSync(file);
  bytes[bytes.length - 9]! ^= 1;
  writeFileSync(file, bytes);
  expect(() => readStudent(file)).toThrow(/student\.safetensors/);
  expect(liveTensors()).toBe(live - 1);
});

test("a student of bfloat16 has the weights of float32's, and odds near its own; its file says so", async () => {
  const x = images(60);
  const finder = Float64Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 3 : -3));
  const learn = (precision: "float32" | "bfloat16") =>
    distil(x, finder, { epochs: 6, seed: 4, pool: 1, precision, tick: () => {} });
  const [whole, short] = [await learn("float32"), await learn("bfloat16")];
  for (const [name, one] of whole.state()) expect(short.state().get(name)!.numbers()).toEqual(one.numbers());
  const [near, odds] = [oddsOf(short, x), oddsOf(whole, x)];
  const apart = odds.map((one, i) => Math.abs(one - near[i]!));
  expect(Math.max(...apart)).toBeGreaterThan(0);
  expect(Math.max(...apart)).toBeLessThan(0.02 * (Math.max(...odds) - Math.min(...odds)));
  const file = join(folder, "short.safetensors");
  writeStudent(file, short);
  const read = readStudent(file);
  expect(oddsOf(read, x)).toEqual(near);
  for (const one of [whole, short, read, x]) one.dispose();
});

test("odds that are surely below or above the threshold are not told apart", async () => {
  const x = images(120);
  const learn = async (far: number) => {
    const finder = Float64Array.from({ length: 120 }, (_, i) =>
      i % 2 === 0 ? far : i % 4 === 1 ? -3 : -far,
    );
    const student = await distil(x, finder, {
      epochs: 4,
      seed: 4,
      pool: 1,
      precision: "float32",
      tick: () => {},
    });
    const odds = oddsOf(student, x);
    student.dispose();
    return odds;
  };
  expect(await learn(40)).toEqual(await learn(9));
  x.dispose();
});

test("a file of 0.2.0 is read: kernels of 3 pixels, all but the first halving the sides, and all squares seen", () => {
  const config = {
    ...{ pool: 2, seen: 99, scale: [1], precision: "float32" as const },
    layers: [
      { channels: 4, kernel: 3, stride: 1 },
      { channels: 6, kernel: 3, stride: 2 },
    ],
  };
  const student = tidy(() => new Student(config, new Generator(5)))
    .layout("channels_last")
    .train(false);
  const file = join(folder, "earlier.safetensors");
  const { layers: _, seen: __, precision: ___, ...rest } = config;
  writeSafetensors(file, student.state(), { arclet_student: JSON.stringify({ ...rest, widths: [4, 6] }) });
  const read = readStudent(file);
  const x = images(3);
  expect(read.config).toEqual({ ...config, seen: Number.MAX_SAFE_INTEGER });
  expect(oddsOf(read, x)).toEqual(oddsOf(student, x));
  for (const one of [student, read, x]) one.dispose();
});

test("images of which all are above the threshold, or none, can be learned from", async () => {
  const x = images(40);
  for (const odds of [2, -2]) {
    const all = new Float64Array(40).fill(odds);
    const student = await distil(x, all, {
      epochs: 3,
      seed: 1,
      pool: 1,
      precision: "float32",
      tick: () => {},
    });
    for (const one of oddsOf(student, x)) expect(Number.isFinite(one)).toBe(true);
    student.dispose();
  }
  x.dispose();
});
