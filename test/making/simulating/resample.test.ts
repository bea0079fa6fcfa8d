/** `simulate --resample`: the images that the survey's own pixels become when they are imported with `--resample`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { regridded } from "../../../src/making/regrid.ts";
import { arcSignal } from "../../../src/making/simulating/arcs.ts";
import { simulateConfig } from "../../../src/making/simulating/config.ts";
import { populationOf } from "../../../src/making/simulating/draw.ts";
import { simulate } from "../../../src/making/simulating/simulate.ts";
import { tidy } from "../../../src/torch/scope.ts";
import { slow } from "../../slow.ts";
import { scratch } from "../../tiny/dataset.ts";

slow("simulates and imports wide cutouts");

const folder = scratch();
const COUNT = 5;
const by = { command: "test" };
const config = (values: object) =>
  simulateConfig.parse({ out: join(folder, "x"), survey: "cfhtls", count: COUNT, seed: 3, ...values });

async function pixelsOf(path: string) {
  const dataset = await openDataset(path);
  try {
    return tidy(() => Array.from(dataset.images(dataset.rows()).data() as Float32Array | Uint8Array));
  } finally {
    dataset.close();
  }
}

test("a composite keeps its brightness, flux its sum: 2 × 2 pixels become one", () => {
  const levels = [10, 20, 30, 41, 255, 255, 255, 255, 0, 0, 0, 0, 1, 1, 2, 2];
  // rows of four: the pixels (10, 20, 255, 255), (30, 41, 255, 255), (0, 0, 1, 1), (0, 0, 2, 2)
  const square = [10, 20, 255, 255, 30, 41, 255, 255, 0, 0, 1, 1, 0, 0, 2, 2];
  expect(levels.toSorted()).toEqual(square.toSorted());
  const half = (image: Uint8Array | Float32Array) => Array.from(regridded(image, [4, 4], 0.5, [2, 2]));
  expect(half(Uint8Array.from(square))).toEqual([25, 255, 0, 2]); // 101 / 4, and 6 / 4 rounded
  expect(half(Float32Array.from(square))).toEqual([101, 1020, 0, 6]);
});

test.each(["display", "flux"])(
  "%s: the same image as one that is written on the survey's pixels and imported with --resample",
  async (pixels) => {
    const [wide, native, imported] = ["wide", "native", "imported"].map((name) =>
      join(folder, pixels + name),
    );
    const settings = { pixels, resampled: pixels === "display" ? 1 : 0 };
    await simulate(config({ ...settings, out: wide, size: 64, pixelScale: 0.28, resample: true }), by);
    // 64 pixels of 0.28" are 95.8 of 0.187"
    await simulate(config({ ...settings, out: native, size: 96 }), by);
    const table = join(folder, `${pixels}.csv`);
    writeFileSync(
      table,
      `id,row\n${Array.from({ length: COUNT }, (_, k) => `object-${k},${k}`).join("\n")}\n`,
    );
    const { info } = await importImages({
      images: [join(native!, "images-00000.npy")],
      table,
      out: imported!,
      bands: pixels === "display" ? ["i", "r", "g"] : ["g", "r", "i"],
      pixelScale: 0.28,
      imageScale: 0.187,
      resample: true,
      size: 64,
      maxSaturated: 1,
    });
    expect(info.count).toBe(COUNT);
    const simulated = await openDataset(wide!);
    expect(simulated.info).toMatchObject({ pixelScale: 0.28, shape: [3, 64, 64] });
    simulated.close();
    expect(await pixelsOf(wide!)).toEqual(await pixelsOf(imported!));
  },
);

test("without the scale of its result, --resample is refused", () => {
  expect(() => populationOf(config({ resample: true }))).toThrow(
    "simulate: pixelScale must be given: that of the images after --resample, got null",
  );
});

test("a scale within 1 % of the survey's own is its own, as in import", () => {
  expect(populationOf(config({ resample: true, pixelScale: 0.1875, size: 48 })).size).toBe(48);
});

test("the arcs' signal is on the written pixels, and as strong as on the survey's", async () => {
  const out = join(folder, "arcs");
  await simulate(
    config({ out, count: 3, prevalence: 1, size: 64, pixelScale: 0.28, resample: true, pixels: "flux" }),
    by,
  );
  const dataset = await openDataset(out);
  try {
    const { signal, snr } = tidy(() => {
      const map = arcSignal(dataset, dataset.rows());
      expect(map.shape).toEqual([3, 64, 64]);
      return {
        signal: Array.from(map.square().sum([1, 2]).sqrt().data() as ArrayLike<number>),
        snr: dataset.column("arc_snr"),
      };
    });
    // A matched filter loses what coarser pixels smear: with seeing of 0.7", a few per cent.
    for (const [k, value] of signal.entries()) {
      expect(Number(value) / Number(snr[k])).toBeGreaterThan(0.9);
      expect(Number(value) / Number(snr[k])).toBeLessThan(1.01);
    }
  } finally {
    dataset.close();
  }
});
