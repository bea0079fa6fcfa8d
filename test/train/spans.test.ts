import { expect, test } from "vitest";
import { spansOf } from "../../src/train/spans.ts";

const spans = (...args: Parameters<typeof spansOf>) => spansOf(...args).map(({ from, to }) => [from, to]);

test("rows are cut into batches, the last of which may be smaller", () => {
  expect(spans(7, 3)).toEqual([
    [0, 3],
    [3, 6],
    [6, 7],
  ]);
  expect(spans(0, 3)).toEqual([]);
});

test("rows of two runs share no batch", () => {
  expect(spans(9, 3, [4, 1, 0, 4])).toEqual([
    [0, 3],
    [3, 4],
    [4, 5],
    [5, 8],
    [8, 9],
  ]);
  expect(spans(0, 3, [])).toEqual([]);
});
