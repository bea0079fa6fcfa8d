/**
 * Files of every kind, broken by a seed: each is read or refused in one line; none ends the process, takes
 * seconds, or fills the memory. ARCLET_BROKEN is how many of each kind, ARCLET_BROKEN_FIRST the first number.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
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

test.each(KINDS)("%s", (kind) => {
  const program = join(import.meta.dirname, "broken", "reading.mjs");
  const { status, signal, stdout, stderr } = spawnSync("node", [program, kind, COUNT, FIRST, folder], {
    encoding: "utf8",
  });
  const last = () => `input ${readFileSync(join(folder, "number"), "utf8")}: ${stderr}`;
  expect(signal ?? status, signal === null && status === 0 ? "" : last()).toBe(0);
  const said = JSON.parse(stdout.trim().split("\n").at(-1)!);
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
