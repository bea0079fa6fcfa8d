import { expect, test } from "vitest";
import { pool } from "../../src/foundation/pool.ts";

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test("jobs run in order, no more at a time than there are workers", async () => {
  const started: number[] = [];
  let [running, most] = [0, 0];
  await pool([0, 1, 2, 3, 4], 2, async (job) => {
    started.push(job);
    most = Math.max(most, ++running);
    await later(5);
    running--;
  });
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(most).toBe(2);
});

test("a job that waits for another is passed over until that has ended", async () => {
  const ended: string[] = [];
  const after: Record<string, string> = { b: "a", c: "b" };
  await pool(
    ["c", "b", "a", "d"],
    4,
    async (job) => {
      await later(job === "d" ? 1 : 5);
      ended.push(job);
    },
    (job) => after[job] === undefined || ended.includes(after[job]),
  );
  expect(ended).toEqual(["d", "a", "b", "c"]);
});

test("a job that never becomes ready does not hang the others", async () => {
  const ended: number[] = [];
  await pool(
    [1, 2],
    1,
    async (job) => void ended.push(job),
    (job) => job === 1,
  );
  expect(ended).toEqual([1]);
});

test("after an error no further job starts, and it is thrown when the running ones have ended", async () => {
  const [started, ended]: number[][] = [[], []];
  const jobs = pool([0, 1, 2, 3], 2, async (job) => {
    started!.push(job);
    await later(job === 0 ? 1 : 10);
    if (job === 0) throw new Error("the first");
    ended!.push(job);
    throw new Error("the second");
  });
  await expect(jobs).rejects.toThrow("the first");
  expect([started, ended]).toEqual([[0, 1], [1]]);
});
