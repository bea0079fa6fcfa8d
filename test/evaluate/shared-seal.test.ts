import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SEAL_FILE, sealOpenings } from "../../src/evaluate/seal.ts";
import { openedFor, openSharedSeal } from "../../src/evaluate/shared-seal.ts";

function folders() {
  const data = mkdtempSync(join(tmpdir(), "arclet-seal-"));
  const run = join(data, "compare");
  mkdirSync(run);
  return { data, request: { command: "arclet compare c.yaml", run, split: "test" } };
}

test("a comparison opens the split once for the runs that it names, and again for others", () => {
  const { data, request } = folders();
  const first = openSharedSeal(data, request, ["a", "b"]);
  expect(first.openedBefore).toBe(0);
  expect(openSharedSeal(data, request, ["a", "b"])).toEqual(first);
  expect(openSharedSeal(data, request, ["b"])).toEqual(first);
  expect(sealOpenings(data)).toHaveLength(1);
  // A run that was added after the table was seen.
  expect(openSharedSeal(data, request, ["a", "c"])).toMatchObject({ openedBefore: 1, runs: ["a", "b", "c"] });
  expect(openSharedSeal(data, { ...request, split: "val" }, ["a"]).openedBefore).toBe(0);
  expect(sealOpenings(data)).toHaveLength(3);
});

test("only a named run of the folder, of that split, is covered", () => {
  const { data, request } = folders();
  openSharedSeal(data, request, ["a"]);
  expect(openedFor(data, join(request.run, "a"), "test")).toBe(true);
  expect(openedFor(data, join(request.run, "other"), "test")).toBe(false);
  expect(openedFor(data, join(request.run, "a"), "val")).toBe(false);
  expect(openedFor(data, join(data, "elsewhere", "a"), "test")).toBe(false);
});

test("what the dataset's own log does not hold was not opened", () => {
  const { data, request } = folders();
  openSharedSeal(data, request, ["a"]);
  rmSync(join(data, SEAL_FILE));
  expect(openedFor(data, join(request.run, "a"), "test")).toBe(false);
  expect(openSharedSeal(data, request, ["a"]).openedBefore).toBe(0);
  expect(sealOpenings(data)).toHaveLength(1);
  writeFileSync(join(request.run, "seal.json"), "{}");
  expect(() => openSharedSeal(data, request, ["a"])).toThrow(
    "seal.json: is not the opening of a sealed split",
  );
});
