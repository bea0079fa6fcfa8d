/** The small network: what it sees, what it learns, and its file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { distil } from "../../../src/evaluate/cascade/distil.ts";
import {
  pooled,
  poolOf,
  readStudent,
  type Student,
  writeStudent,
} from "../../../src/evaluate/cascade/student.ts";
import { noGrad } from "../../../src/torch/autograd.ts";
import { ones, tensor } from "../../../src/torch/create.ts";
import { pad2d } from "../../../src/torch/neural.ts";
import { Generator } from "../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";
import { slow } from "../../slow.ts";

slow("trains small networks");

const folder = mkdtempSync(join(tmpdir(), "arclet-student-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("squares of pixels become one, so that a side has about 32", () => {
  expect([24, 32, 45, 64, 101, 200].map((side) => poolOf(side, side))).toEqual([1, 1, 1, 2, 3, 6]);
  tidy(() => {
    const image = tensor([1, 3, 9, 5, 7, 9, 0, 0, 0], [1, 1, 3, 3]);
    expect(pooled(image, 2, () => "here").numbers()).toEqual([4]);
    expect(pooled(image, 1, () => "here").numbers()).toEqual(image.numbers());
  });
});

test("a pixel that is not finite is named, also where no square has it; large ones are no such pixels", () => {
  tidy(() => {
    const at = (index: number) => `image ${index}`;
    const images = (...last: number[]) => tensor([0, 0, 0, 0, 0, 0, 0, 0, 0, ...last], [2, 1, 3, 3]);
    const odd = images(0, 0, 0, 0, 0, 0, 0, 0, Number.NaN);
    expect(() => pooled(odd, 2, at)).toThrow("image 1: pixels must be finite");
    const inside = images(Number.POSITIVE_INFINITY, 0, 0, 0, 0, 0, 0, 0, 0);
    for (const pool of [1, 2, 3]) expect(() => pooled(inside, pool, at)).toThrow("image 1: pixels");
    const large = tensor(Array(8).fill(3e38), [2, 1, 2, 2]);
    expect(() => pooled(large, 2, at)).not.toThrow();
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
  const learn = () => distil(x, finder, { epochs: 10, seed: 4, pool: 1, tick: () => {} });
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

test("images of which all are above the threshold, or none, can be learned from", async () => {
  const x = images(40);
  for (const odds of [2, -2]) {
    const all = new Float64Array(40).fill(odds);
    const student = await distil(x, all, { epochs: 3, seed: 1, pool: 1, tick: () => {} });
    for (const one of oddsOf(student, x)) expect(Number.isFinite(one)).toBe(true);
    student.dispose();
  }
  x.dispose();
});
