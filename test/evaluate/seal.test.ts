import { appendFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSeal, SEAL_FILE, sealOpenings } from "../../src/evaluate/seal.ts";

const folder = () => mkdtempSync(join(tmpdir(), "arclet-seal-"));
const request = (split: string) => ({ command: "arclet evaluate runs/a --split test", run: "runs/a", split });

test("every opening is logged, and counted by split", () => {
  const dataset = folder();
  expect(openSeal(dataset, request("test")).openedBefore).toBe(0);
  expect(openSeal(dataset, request("val")).openedBefore).toBe(0);
  const third = openSeal(dataset, request("test"));
  expect(third.openedBefore).toBe(1);
  expect(sealOpenings(dataset).map(({ split }) => split)).toEqual(["test", "val", "test"]);
  expect(sealOpenings(dataset)[2]).toEqual(third.opening);
  expect(readFileSync(join(dataset, SEAL_FILE), "utf8").endsWith("\n")).toBe(true);
});

test("a damaged log keeps the split closed and names its line", () => {
  const dataset = folder();
  openSeal(dataset, request("test"));
  appendFileSync(join(dataset, SEAL_FILE), '{"time": \n');
  expect(() => openSeal(dataset, request("test"))).toThrow(`${SEAL_FILE} line 2: not a logged opening`);
  expect(readFileSync(join(dataset, SEAL_FILE), "utf8").split("\n").length).toBe(3);
});

test("a split whose log can't be written stays closed", () => {
  const missing = join(folder(), "nothing");
  expect(() => openSeal(missing, request("test"))).toThrow(
    `${join(missing, SEAL_FILE)}: no such file or folder`,
  );
});
