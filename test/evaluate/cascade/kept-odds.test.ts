/** What a finder said of images is kept in a file, of one finder, class and precision. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type AboutOdds, KeptOdds } from "../../../src/evaluate/cascade/kept-odds.ts";
import { liveTensors } from "../../../src/torch/scope.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-kept-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const about: AboutOdds = { finder: "a".repeat(64), positive: "lens", precision: "float32" };
const rows = (...list: number[]) => Int32Array.from(list);
const file = join(folder, "kept.safetensors");

test("log odds are found again by dataset and row; rows that were not scored are not known", () => {
  const live = liveTensors();
  const kept = new KeptOdds(file, about);
  kept.add("one", 5, rows(3, 0), Float64Array.of(0.1, -7.25));
  kept.add("two", 2, rows(1), Float64Array.of(4));
  kept.add("one", 5, rows(4), Float64Array.of(1 / 3));
  const again = new KeptOdds(file, about);
  expect([...again.of("one", 5, rows(0, 1, 2, 3, 4))]).toEqual([-7.25, Number.NaN, Number.NaN, 0.1, 1 / 3]);
  expect([...again.of("two", 2, rows(1))]).toEqual([4]);
  // A dataset of another hash, or length, is another dataset.
  expect([...again.of("three", 5, rows(0)), ...again.of("one", 6, rows(0))]).toEqual([
    Number.NaN,
    Number.NaN,
  ]);
  expect(liveTensors()).toBe(live);
});

test("without a file nothing is kept", () => {
  const kept = new KeptOdds(null, about);
  kept.add("one", 1, rows(0), Float64Array.of(1));
  expect([...kept.of("one", 1, rows(0))]).toEqual([Number.NaN]);
});

test("a file of another finder, class or precision, a damaged one and one of something else are refused", () => {
  expect(() => new KeptOdds(file, { ...about, finder: "b".repeat(64) })).toThrow(
    /kept\.safetensors: keeps scores of another finder: a+, here it is b+; give another --scores/,
  );
  expect(() => new KeptOdds(file, { ...about, positive: "arc" })).toThrow(/another positive: lens/);
  expect(() => new KeptOdds(file, { ...about, precision: "bfloat16" })).toThrow(/another precision: float32/);
  const bytes = readFileSync(file);
  bytes[bytes.length - 3]! ^= 1;
  const damaged = join(folder, "damaged.safetensors");
  writeFileSync(damaged, bytes);
  expect(() => new KeptOdds(damaged, about)).toThrow(/damaged\.safetensors: is damaged/);
  writeFileSync(damaged, "text");
  expect(() => new KeptOdds(damaged, about)).toThrow(/damaged\.safetensors/);
});
