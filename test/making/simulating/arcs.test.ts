/** The lensed light alone, rendered again from a simulated dataset. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { writeDataset } from "../../../src/dataset/writer.ts";
import { sceneOf } from "../../../src/lensing/populations/population.ts";
import { render } from "../../../src/lensing/render.ts";
import { arcSignal, lensedRows } from "../../../src/making/simulating/arcs.ts";
import { simulateConfig } from "../../../src/making/simulating/config.ts";
import { populationOf } from "../../../src/making/simulating/draw.ts";
import { simulate } from "../../../src/making/simulating/simulate.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import { slow } from "../../slow.ts";
import { bytesOf, fluxImage, row, SPEC, scratch, writeNpy } from "../../tiny/dataset.ts";

slow("simulates lenses twice, with and without their sources");

const folder = scratch();

/** A lens's image minus the same scene without its source, in sky sigmas: a second way to the arcs. */
function byDifference(config: ReturnType<typeof simulateConfig.parse>, index: number): Float32Array {
  const population = populationOf(config);
  const scene = sceneOf(population, index);
  const unlensed = {
    ...scene,
    lights: scene.lights.filter(({ lensed }) => !lensed),
    arcSnr: null,
    mass: null,
  };
  return tidy(() => {
    const [all, rest] = [scene, unlensed].map((one) => render([one], population.survey, config.size).images);
    const bands = all!.sub(rest!).flip(2);
    const parts = scene.skySigma.map((sigma, k) => bands.select(1, k).div(sigma).square());
    return parts
      .reduce((sum, part) => sum.add(part))
      .sqrt()
      .data() as Float32Array;
  });
}

test.each(["default", "sources that are images"])(
  "arcs are the image minus the image without its source: %s",
  async (kind) => {
    let recipe = "default";
    if (kind !== "default") {
      const bar = Float32Array.from({ length: 81 }, (_, k) => (Math.floor(k / 9) === 4 ? 1 + (k % 9) : 0));
      writeNpy(join(folder, "bar.npy"), "<f4", [9, 9], bytesOf(bar));
      recipe = join(folder, "pictured.yaml");
      writeFileSync(
        recipe,
        "name: pictured\nlens:\n  source:\n    images: {files: [bar.npy], scale: 0.05, share: 1}\n",
      );
    }
    const out = join(folder, `sim-${kind.length}`);
    const config = simulateConfig.parse({ out, recipe, count: 12, prevalence: 0.7, size: 40, seed: 3 });
    await simulate(config, { command: "test" });
    const dataset = await openDataset(out);
    const rows = lensedRows(dataset, dataset.rows());
    expect(rows.length).toBeGreaterThan(3);
    expect(Array.from(rows, (at) => dataset.column("label")[at])).toEqual(
      new Array(rows.length).fill("lens"),
    );
    const before = liveTensors();
    const found = tidy(() => arcSignal(dataset, rows).data() as Float32Array);
    expect(liveTensors()).toBe(before);
    for (const [k, at] of rows.entries()) {
      const expected = byDifference(config, at);
      const own = found.subarray(k * 1600, (k + 1) * 1600);
      const largest = Math.max(...expected);
      expect(largest).toBeGreaterThan(0.1);
      for (let i = 0; i < 1600; i++) expect(Math.abs(own[i]! - expected[i]!)).toBeLessThan(2e-3 * largest);
    }
    if (kind !== "default") {
      writeFileSync(recipe, readFileSync(recipe, "utf8").replace("0.05", "0.06"));
      expect(() => arcSignal(dataset, rows)).toThrow(/row \d+ \(id .*\): its source image is not the one/);
    }
    dataset.close();
  },
);

test("a dataset that was not simulated is refused by name", async () => {
  const path = join(folder, "toy");
  await writeDataset(path, SPEC, async (writer) => {
    for (let i = 0; i < 3; i++) writer.append(fluxImage(i), [row(i)]);
  });
  const dataset = await openDataset(path);
  expect(() => lensedRows(dataset, dataset.rows())).toThrow(
    /toy: dataset must be a simulated one.*got "toy"/,
  );
  dataset.close();
});
