/** The log of what was set aside: resumed, cut off, broken. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SetAside } from "../../src/dataset/set-aside.ts";
import { SetAsideLog } from "../../src/dataset/set-aside-log.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
type Entry = SetAside & { before: number };

test("the log of what was set aside resumes after the images that are whole", () => {
  const path = at("log.jsonl");
  const entry = (row: number, before: number) => ({ row, before, id: `é${row}`, kind: "k", reason: "r" });
  const open = (images: number) => new SetAsideLog<Entry>(path, ({ before }) => before >= images);
  const first = open(0);
  first.append([entry(0, 0), entry(3, 2)]);
  first.append([entry(4, 2), entry(9, 6)]);
  first.close();
  writeFileSync(path, `${readFileSync(path, "utf8")}{"row":11,"bef`); // a line cut off
  const second = open(4);
  expect(second.entries.map(({ row }) => row)).toEqual([0, 3, 4]);
  second.append([entry(7, 4)]);
  second.close();
  const rows = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).row);
  expect(rows).toEqual([0, 3, 4, 7]);
});

test("nothing after a broken line of the log is used", () => {
  const path = at("broken.jsonl");
  const line = (row: number) => `${JSON.stringify({ row, id: "", kind: "k", reason: "r" })}\n`;
  writeFileSync(path, `${line(0)}{"row":1,\n${line(2)}`);
  const log = new SetAsideLog(path, () => false);
  log.close();
  expect(log.entries.map(({ row }) => row)).toEqual([0]);
  expect(readFileSync(path, "utf8")).toBe(line(0));
});
