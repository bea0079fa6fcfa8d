import { expect, test } from "vitest";
import type { ImageDomain } from "../../../src/dataset/dataset.ts";
import { Student } from "../../../src/evaluate/cascade/student.ts";
import { studentOdds } from "../../../src/evaluate/cascade/student-odds.ts";
import { tensor } from "../../../src/torch/create.ts";
import { machine } from "../../../src/torch/machine.ts";
import { Generator } from "../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import { slow } from "../../slow.ts";

slow("starts threads");

const ROWS = 700;
/** Images of noise; one row has a pixel that is not finite. */
function domainOf(odd: number): ImageDomain {
  const images = (rows: readonly number[] | Int32Array) =>
    tidy(() => {
      const values = Array.from(rows, (row) =>
        Array.from({ length: 64 }, (_, i) => (row === odd && i === 9 ? Number.NaN : Math.sin(row * 64 + i))),
      );
      return tensor(Float32Array.from(values.flat()), [rows.length, 1, 8, 8]);
    });
  const ids = Array.from({ length: ROWS }, (_, row) => `cutout ${row}`);
  return { folder: "some-survey", ids, images } as unknown as ImageDomain;
}

const student = () =>
  tidy(
    () =>
      new Student(
        {
          ...{ pool: 1, seen: 99, scale: [1], precision: "float32" },
          layers: [{ channels: 4, kernel: 3, stride: 2 }],
        },
        new Generator(2),
      ),
  )
    .layout("channels_last")
    .train(false);

const rows = Int32Array.from({ length: ROWS }, (_, i) => ROWS - 1 - i);

test("any number of threads gives the same odds, in the order of the rows", async () => {
  const one = student();
  const before = machine().threads;
  const ticked: number[] = [];
  const alone = await studentOdds(one, domainOf(-1), rows, (part) => ticked.push(part.length), 1);
  expect(ticked).toEqual([128, 128, 128, 128, 128, 60]);
  expect(new Set(alone).size).toBe(ROWS);
  const live = liveTensors(); // with its norms folded, which it keeps
  for (const threads of [2, 3])
    expect(await studentOdds(one, domainOf(-1), rows, () => {}, threads)).toEqual(alone);
  const few = await studentOdds(one, domainOf(-1), rows.slice(0, 128), () => {}, 2);
  expect(few).toEqual(alone.slice(0, 128));
  expect([liveTensors(), machine().threads]).toEqual([live, before]);
  one.dispose();
});

test("a row that is not finite is named, and the threads are ended", async () => {
  const one = student();
  for (const threads of [1, 2])
    await expect(studentOdds(one, domainOf(300), rows, () => {}, threads)).rejects.toThrow(
      /some-survey row 301 \(id cutout 300\): pixels must be finite/,
    );
  one.dispose();
});
