import { expect, test } from "vitest";
import { updateAverage } from "../../src/nn/average.ts";
import { BatchNorm } from "../../src/nn/batchnorm.ts";
import { clipGradients } from "../../src/nn/gradient.ts";
import { Linear } from "../../src/nn/linear.ts";
import { constant, cosine } from "../../src/nn/schedule.ts";
import { setGrad } from "../../src/torch/autograd.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { keep, tidy } from "../../src/torch/scope.ts";

test("cosine warms up in equal steps, then falls from 1 to the floor", () => {
  const schedule = cosine({ total: 14, warmup: 4, floor: 0.2 });
  expect([0, 1, 2, 3].map(schedule)).toEqual([0.25, 0.5, 0.75, 1]);
  expect(schedule(4)).toBe(1);
  expect(schedule(9)).toBeCloseTo(0.6, 12); // half way
  expect(schedule(14)).toBeCloseTo(0.2, 12);
  expect(schedule(1000)).toBeCloseTo(0.2, 12);
  expect(cosine({ total: 2 })(1)).toBeCloseTo(0.5, 12);
  expect(constant(77)).toBe(1);
});

test("a weight average includes the whole state, with buffers, and copies integers", () => {
  const student = new BatchNorm(1);
  const teacher = student.copy();
  const values = (weight: number, mean: number, batches: number) =>
    new Map([
      ["weight", tensor([weight])],
      ["running_mean", tensor([mean])],
      ["num_batches_tracked", tensor(batches, [], { dtype: "int64" })],
    ]);
  tidy(() => {
    teacher.load(values(1, 10, 3), { strict: false });
    student.load(values(5, 30, 8), { strict: false });
  });
  updateAverage(teacher, student, 0.75);
  expect(teacher.weight.item()).toBe(0.75 * 1 + 0.25 * 5);
  expect(teacher.runningMean.item()).toBe(0.75 * 10 + 0.25 * 30);
  expect(teacher.batchesTracked.item()).toBe(8);
  expect(student.weight.item()).toBe(5);
  updateAverage(teacher, student, 0.5, { buffers: "copy" });
  expect(teacher.weight.item()).toBe(0.5 * 2 + 0.5 * 5);
  expect(teacher.runningMean.item()).toBe(30);
});

test("clipping scales all gradients by one factor, and only when they are too long", () => {
  const layer = new Linear(1, 2, new Generator(0));
  tidy(() => {
    setGrad(layer.weight, tensor([[3], [0]]));
    setGrad(layer.bias!, tensor([0, 4]));
  });
  expect(clipGradients(layer.parameters(), 10)).toBeCloseTo(5, 6);
  expect(tidy(() => layer.weight.grad!.numbers())).toEqual([3, 0]);
  expect(clipGradients(layer.parameters(), 1)).toBeCloseTo(5, 6);
  tidy(() => {
    expect(layer.weight.grad!.numbers()[0]).toBeCloseTo(0.6, 5);
    expect(layer.bias!.grad!.numbers()[1]).toBeCloseTo(0.8, 5);
  });
});

test("clipping reports a gradient that is not finite and leaves it", () => {
  const theta = keep(tensor([1])).withGrad();
  tidy(() => setGrad(theta, tensor([Number.NaN])));
  expect(clipGradients([theta], 1)).toBeNaN();
});
