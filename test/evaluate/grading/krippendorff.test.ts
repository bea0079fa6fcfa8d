/** Alpha beside published examples. */
import { expect, test } from "vitest";
import { alphaInterval, krippendorffAlpha } from "../../../src/evaluate/grading/krippendorff.ts";

/** Grades from 1, one text a grader and one sign an object; a dot is no grade. */
const objectsOf = (...graders: string[]): number[][] =>
  [...graders[0]!].map((_, u) => graders.flatMap((row) => (row[u] === "." ? [] : [Number(row[u]) - 1])));

test("Krippendorff 2011, example C: four observers, twelve units, gaps", () => {
  const objects = objectsOf("123321412...", "1233224125.3", ".3332342251.", "12332441251.");
  const values = [1, 2, 3, 4, 5];
  expect(krippendorffAlpha(objects, values, "nominal")).toBeCloseTo(0.743, 3);
  expect(krippendorffAlpha(objects, values, "ordinal")).toBeCloseTo(0.815, 3);
  expect(krippendorffAlpha(objects, values, "interval")).toBeCloseTo(0.849, 3);
});

test("Wikipedia, Krippendorff's alpha, a computational example: three coders, fifteen units, gaps", () => {
  const objects = objectsOf(".....34121133.3", "1.213343.......", "..21344.21133.4");
  const values = [1, 2, 3, 4];
  expect(krippendorffAlpha(objects, values, "nominal")).toBeCloseTo(0.691, 3);
  expect(krippendorffAlpha(objects, values, "interval")).toBeCloseTo(0.811, 3);
  // Of the same data, as other programs give it.
  expect(krippendorffAlpha(objects, values, "ordinal")).toBeCloseTo(0.807, 3);
});

test("two observers, two grades: by hand", () => {
  // Coincidences 00: 4, 01: 1, 10: 1, 11: 2; 8 grades, 5 and 3. D_o = 2/8, D_e = 2·5·3/(8·7).
  const objects = [
    [0, 0],
    [0, 0],
    [0, 1],
    [1, 1],
  ];
  expect(krippendorffAlpha(objects, [0, 1], "nominal")).toBeCloseTo(1 - 2 / 8 / (30 / 56), 12);
});

test("it is 1 for those who agree, and unknown where there is nothing to tell", () => {
  expect(
    krippendorffAlpha(
      [
        [0, 0],
        [1, 1, 1],
      ],
      [0, 1],
      "ordinal",
    ),
  ).toBe(1);
  expect(
    krippendorffAlpha(
      [
        [0, 0],
        [0, 0],
      ],
      [0, 1],
      "nominal",
    ),
  ).toBeNull();
  expect(krippendorffAlpha([[0], [1]], [0, 1], "nominal")).toBeNull();
});

test("its interval holds it, and is the same for the same seed", async () => {
  const objects = Array.from({ length: 60 }, (_, i) => [i % 3, (i + Number(i % 5 === 0)) % 3]);
  const alpha = krippendorffAlpha(objects, [0, 1, 2], "ordinal")!;
  const interval = (await alphaInterval(objects, [0, 1, 2], "ordinal", 1))!;
  expect(interval.low).toBeLessThan(alpha);
  expect(interval.high).toBeGreaterThan(alpha);
  expect(interval.high - interval.low).toBeLessThan(0.6);
  expect(await alphaInterval(objects, [0, 1, 2], "ordinal", 1)).toEqual(interval);
  expect(await alphaInterval([[0], [1]], [0, 1], "nominal", 1)).toBeNull();
});
