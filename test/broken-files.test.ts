/**
 * Files of every kind, broken by a seed: each is read or refused in one line; none ends the process, takes
 * seconds, or fills the memory. ARCLET_BROKEN is how many of each kind, ARCLET_BROKEN_FIRST the first number.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { slow } from "./slow.ts";

slow("reads hundreds of broken files of every kind");

const folder = mkdtempSync(join(tmpdir(), "arclet-broken-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COUNT = process.env.ARCLET_BROKEN ?? "50";
const FIRST = process.env.ARCLET_BROKEN_FIRST ?? "0";
const KINDS = [
  "png",
  "jpeg",
  "tiff",
  "npy",
  "npz",
  "hdf5",
  "parquet",
  "votable",
  "csv",
  "safetensors",
  "pth",
  "fits",
  "fits-table",
  "survey",
  "recipe",
  "yaml",
];
/** Of the process's own time, s, on a machine that others use too. */
const SLOW = 20;
const MOST_MEGABYTES = 2048;

interface Said {
  faults: string[];
  whole: number;
  files: number;
  refused: number;
  slowest: number;
  megabytes: number;
}

/** What one program says of all kinds, by kind: each would begin for two seconds. */
const read = new Map<string, Said>();
let ended = "";

beforeAll(() => {
  const program = join(import.meta.dirname, "broken", "reading.mjs");
  const args = [program, KINDS.join(), COUNT, FIRST, folder];
  const { status, signal, stdout, stderr } = spawnSync("node", args, { encoding: "utf8" });
  for (const line of stdout.split("\n").filter(Boolean)) {
    const { kind, ...said } = JSON.parse(line);
    read.set(kind, said);
  }
  const number = readFileSync(join(folder, "number"), "utf8");
  if (status !== 0) ended = `the program ended by ${signal ?? status} at input ${number}: ${stderr}`;
});

test.each(KINDS)("%s", (kind) => {
  const said = read.get(kind);
  if (said === undefined) throw new Error(ended);
  if (process.env.ARCLET_BROKEN !== undefined)
    console.log(kind, JSON.stringify({ ...said, faults: said.faults.length }));
  expect(said.faults).toEqual([]);
  // Of whole FITS files some have coordinates that can't be turned round, or columns of a kind that no table has.
  if (kind.startsWith("fits")) expect(said.whole).toBeGreaterThan(0);
  else expect(said.whole).toBe(said.files);
  expect(said.refused).toBeGreaterThan(0);
  expect(said.slowest).toBeLessThan(SLOW);
  expect(said.megabytes).toBeLessThan(MOST_MEGABYTES);
});

test("no input ended the program", () => {
  expect(ended).toBe("");
});
