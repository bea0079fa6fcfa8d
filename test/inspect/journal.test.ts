/** The journal: what was confirmed is there after whatever happens, and what was not, is not. */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { NewEntry } from "../../src/inspect/entry.ts";
import { Journal, readEntries } from "../../src/inspect/journal.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const grade = (request: string, ids = ["a"]): NewEntry => ({
  action: "grade",
  grader: "anna",
  ...{ request, ids, grade: "A", kind: null, seconds: 1.5 },
});

/** A journal of these entries, closed again. */
function written(name: string, count: number): string {
  const { journal } = Journal.open(at(name));
  for (let k = 1; k <= count; k++) journal.append(grade(`r${k}`));
  journal.close();
  return at(name);
}

test("entries are numbered, dated and read back in their order", () => {
  const { entries } = readEntries(written("whole", 3));
  expect(entries.map(({ n, request }) => [n, request])).toEqual([
    [1, "r1"],
    [2, "r2"],
    [3, "r3"],
  ]);
  expect(entries[0]).toMatchObject({ action: "grade", ids: ["a"], grade: "A", seconds: 1.5 });
  expect(Math.abs(Date.parse(entries[0]!.at) - Date.now())).toBeLessThan(60_000);
});

test("a torn last line is cut off, at any byte, and the next entry takes its number", () => {
  const path = written("torn", 2);
  const bytes = readFileSync(path);
  const first = bytes.indexOf(10) + 1;
  for (const length of [first + 1, first + 40, bytes.length - 1]) {
    writeFileSync(path, bytes.subarray(0, length));
    const { journal, entries } = Journal.open(path);
    expect(entries.map(({ n }) => n)).toEqual([1]);
    expect(journal.append(grade("next")).n).toBe(2);
    journal.close();
    expect(readEntries(path).entries.map(({ request }) => request)).toEqual(["r1", "next"]);
  }
});

test("a line in the middle that is not an entry, and one that is missing, are refused by number", () => {
  const path = written("middle", 3);
  const lines = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, [lines[0], lines[1]!.slice(0, 20), lines[2], ""].join("\n"));
  expect(() => readEntries(path)).toThrow(/middle line 2: is not an entry of a journal/);
  writeFileSync(path, [lines[0], lines[2], ""].join("\n"));
  expect(() => readEntries(path)).toThrow(/entry 3 follows entry 1: lines were removed, added or moved/);
});

test("what another version wrote is refused, not skipped", () => {
  const path = written("other", 1);
  appendFileSync(path, `${JSON.stringify({ n: 2, at: new Date().toISOString(), action: "dream" })}\n`);
  expect(() => Journal.open(path)).toThrow(/other line 2: is not an entry/);
});

test("an empty journal is one without entries", () => {
  const path = written("empty", 1);
  truncateSync(path, 0);
  const { journal, entries } = Journal.open(path);
  expect(entries).toEqual([]);
  expect(journal.append(grade("r")).n).toBe(1);
  journal.close();
});

const disk = at("disk");
mkdirSync(disk);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status === 0;
afterAll(() => {
  if (mounted) spawnSync("umount", [disk]);
});

test.skipIf(!mounted)(
  "on a full disk an entry is refused and never was; with space again, the next one counts",
  () => {
    const path = join(disk, "journal.jsonl");
    const { journal } = Journal.open(path);
    journal.append(grade("small"));
    const large = Array.from({ length: 4000 }, (_, k) => `object-${k}-of-a-long-name`);
    expect(() => journal.append(grade("large", large))).toThrow(/journal\.jsonl: no space left on the disk/);
    expect(readEntries(path).entries.map(({ request }) => request)).toEqual(["small"]);
    expect(journal.append(grade("after")).n).toBe(2);
    journal.close();
    expect(readEntries(path).entries.map(({ request }) => request)).toEqual(["small", "after"]);
    expect(readFileSync(path, "utf8").endsWith("\n")).toBe(true);
  },
);
