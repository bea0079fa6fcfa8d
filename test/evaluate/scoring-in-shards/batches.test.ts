import { expect, test } from "vitest";
import { PASSED_TOGETHER } from "../../../src/evaluate/cascade/score.ts";
import { batchCount, runsOfBatches } from "../../../src/evaluate/scoring-in-shards/batches.ts";

test("what a cascade looks at together is of one shard, however its work is divided", () => {
  const datasets = [
    { folder: "a", rows: 20_000 },
    { folder: "b", rows: 5 },
  ];
  expect(batchCount(datasets, PASSED_TOGETHER)).toBe(4);
  const whole = runsOfBatches(datasets, { from: 0, to: 4 }, 8, PASSED_TOGETHER);
  expect(whole).toEqual([
    { folder: "a", from: 0, to: 20_000 },
    { folder: "b", from: 0, to: 5 },
  ]);
  const divided = [0, 1, 2, 3].flatMap((k) =>
    runsOfBatches(datasets, { from: k, to: k + 1 }, 8, PASSED_TOGETHER),
  );
  expect(divided).toEqual([
    { folder: "a", from: 0, to: 8192 },
    { folder: "a", from: 8192, to: 16_384 },
    { folder: "a", from: 16_384, to: 20_000 },
    { folder: "b", from: 0, to: 5 },
  ]);
});
