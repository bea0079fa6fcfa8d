import { expect, test } from "vitest";
import { positiveField, positiveOf } from "../../src/evaluate/positive.ts";

test("the positive class is the named one, else lens, else the last", () => {
  expect(positiveField("class whose score is explained").description).toBe(
    "class whose score is explained (none: lens, else the last)",
  );
  const name = positiveField().parse(undefined);
  expect(positiveOf(["lens", "star"], name)).toBe(0);
  expect(positiveOf(["galaxy", "star"], name)).toBe(1);
  expect(positiveOf(["galaxy", "star"], "galaxy")).toBe(0);
  expect(() => positiveOf(["galaxy"], "lens")).toThrow("positive: class must be one of galaxy");
});
