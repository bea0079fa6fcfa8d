import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { keptByFile } from "../../src/sky/kept.ts";
import { scratch } from "../tiny/dataset.ts";

const file = join(scratch(), "file");

test("a value is made once for a file and settings, and again when the file is another", () => {
  const kept = keptByFile<number>();
  let made = 0;
  const value = (path: string, ...settings: unknown[]) => kept(path, settings, () => ++made);
  writeFileSync(file, "one");
  expect([value(file, 1), value(file, 1), value(relative(".", file), 1)]).toEqual([1, 1, 1]);
  expect([value(file, 2), value(file, 2), value(file, 1)]).toEqual([2, 2, 1]);
  rmSync(file);
  writeFileSync(file, "two");
  utimesSync(file, 1, 1);
  expect([value(file, 1), value(file, 1)]).toEqual([3, 3]);
});

test("a file that is not there is for its reader to refuse, each time", () => {
  const kept = keptByFile<number>();
  const read = () =>
    kept(join(file, "nowhere"), [], () => {
      throw new Error("no such file");
    });
  expect(read).toThrow("no such file");
  expect(read).toThrow("no such file");
});
