/** Composites resampled as published ones are: neighbours share their noise, opposite edges share nothing. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { simulateConfig } from "../../../src/making/simulating/config.ts";
import { draw, populationOf } from "../../../src/making/simulating/draw.ts";
import { slow } from "../../slow.ts";
import { scratch } from "../../tiny/dataset.ts";

slow("draws a few hundred images");

const folder = scratch();
const SIZE = 32;
const COUNT = 160;

/** Pearson's correlation. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    mean(x.map((value, i) => (value - mx) * (y[i]! - my)));
  return covariance(a, ma, b, mb) / Math.sqrt(covariance(a, ma, a, ma) * covariance(b, mb, b, mb));
}

test("in empty sky the left column correlates with its neighbour, and not with the right one; rows alike", () => {
  const recipe = join(folder, "empty.yaml");
  const empty = "classes: { not-lens: { empty sky: 1 }, lens: { lens: 1 } }";
  const field = "field: { density: 0, brightShare: 0, haloShare: 0 }";
  writeFileSync(recipe, `base: default\nname: empty\nprevalence: 0\n${empty}\n${field}\n`);
  const settings = { out: join(folder, "out"), count: COUNT, size: SIZE, survey: "cfhtls", recipe, seed: 5 };
  const config = simulateConfig.parse({ ...settings, resampled: 1 });
  const population = populationOf(config);
  const indices = Array.from({ length: COUNT }, (_, i) => i);
  const { pixels } = draw(population, indices, config);
  expect(pixels).toHaveLength(COUNT * 3 * SIZE * SIZE);
  // less each image's mean, so that left-over sky does not count
  const planes = Array.from({ length: COUNT * 3 }, (_, k) => {
    const plane = Array.from(pixels.subarray(k * SIZE * SIZE, (k + 1) * SIZE * SIZE));
    const level = plane.reduce((sum, value) => sum + value, 0) / plane.length;
    return plane.map((value) => value - level);
  });
  const columns = (x: number) => planes.flatMap((plane) => plane.filter((_, i) => i % SIZE === x));
  const rows = (y: number) => planes.flatMap((plane) => plane.slice(y * SIZE, (y + 1) * SIZE));
  for (const lines of [columns, rows]) {
    expect(correlation(lines(0), lines(1))).toBeGreaterThan(0.3);
    expect(Math.abs(correlation(lines(0), lines(SIZE - 1)))).toBeLessThan(0.05);
  }
});
