/** `arclet paint`: arcs on the images of a dataset. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("pictures");
const { done, refused } = commandLine(folder);

test("arcs are painted on hosts, whose images stay beside them, the same bytes for the same seed", async () => {
  const line = "paint pictures --survey cfhtls --count 6 --seed 1";
  const { stdout } = done(`${line} --out painted`);
  const [, images, arcs, unpainted] =
    /^painted: (\d+) images 3 × 24 × 24, i, r, g\n {2}(\d+) arcs on \d+ hosts, (\d+) images unpainted$/m
      .exec(stdout)!
      .map(Number);
  expect(arcs! + unpainted!).toBe(images);
  expect(arcs).toBe(6);
  const painted = await openDataset(join(folder, "painted"));
  expect(painted.count).toBe(images);
  painted.close();
  done(`${line} --out again`);
  const pixels = (name: string) => readFileSync(join(folder, name, "images-00000.npy"));
  expect(pixels("again").equals(pixels("painted"))).toBe(true);
});

test("what can't be painted is refused in one line", () => {
  refused(/taken/, "paint pictures --survey cfhtls --count 6 --out pictures");
  refused(/survey/, "paint pictures --survey sdss --count 6 --out x");
  expect(existsSync(join(folder, "x"))).toBe(false);
});
