/** `arclet paint`: arcs on the images of a dataset. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-paint-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done, refused } = commandLine(folder);

beforeAll(() => {
  // Most of them lenses, whose deflectors are massive and red.
  done("simulate hosts --survey cfhtls --count 24 --prevalence 0.9 --seed 2");
});

test("arcs are painted on hosts, whose images stay beside them, the same bytes for the same seed", async () => {
  const line = "paint hosts --survey cfhtls --count 6 --seed 1";
  const { stdout } = done(`${line} --out painted`);
  const [, images, arcs, unpainted, others] =
    /^painted: (\d+) images 3 × 48 × 48, i, r, g\n {2}(\d+) arcs on \d+ hosts, (\d+) of them unpainted, (\d+) other objects$/m
      .exec(stdout)!
      .map(Number);
  expect(arcs! + unpainted! + others!).toBe(images);
  expect(arcs).toBe(6);
  const painted = await openDataset(join(folder, "painted"));
  expect(painted.count).toBe(images);
  painted.close();
  done(`${line} --out again`);
  const pixels = (name: string) => readFileSync(join(folder, name, "images-00000.npy"));
  expect(pixels("again").equals(pixels("painted"))).toBe(true);
});

test("what can't be painted is refused in one line", () => {
  refused(/taken/, "paint hosts --survey cfhtls --count 6 --out hosts");
  refused(/survey/, "paint hosts --survey sdss --count 6 --out x");
  expect(existsSync(join(folder, "x"))).toBe(false);
});
