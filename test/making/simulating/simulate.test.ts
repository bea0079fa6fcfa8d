/** Simulated datasets: the same bytes however the work is divided, and impossible settings. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { sceneOf } from "../../../src/lensing/populations/population.ts";
import { simulateConfig } from "../../../src/making/simulating/config.ts";
import { examplesByKind } from "../../../src/making/simulating/preview.ts";
import { sceneText, simulate } from "../../../src/making/simulating/simulate.ts";
import { surveyYaml } from "../../../src/sky/survey-file.ts";
import { surveyNamed } from "../../../src/sky/surveys/registry.ts";
import { slow } from "../../slow.ts";
import { bytesOf, scratch, writeNpy } from "../../tiny/dataset.ts";

slow("simulates the same images in batches of several sizes");

const folder = scratch();
const config = (values: object) => simulateConfig.parse({ out: join(folder, "x"), size: 24, ...values });

test.each(["display", "flux"])(
  "%s images and table are the same bytes whatever the batch",
  async (pixels) => {
    const bytes = async (batch: number) => {
      const out = join(folder, `${pixels}-${batch}`);
      const info = await simulate(
        config({ out, count: 65, pixels, resampled: 0.5, seed: 4 }),
        { command: "test" },
        { batch, shardBytes: 128 + 40 * 3 * 24 * 24 * (pixels === "flux" ? 4 : 1) },
      );
      expect(info.shards.map(({ rows }) => rows)).toEqual([40, 25]);
      const files = readdirSync(out).filter((file) => file !== "dataset.json");
      return files.map((file) => [
        file,
        createHash("sha256")
          .update(readFileSync(join(out, file)))
          .digest("hex"),
      ]);
    };
    const usual = await bytes(32);
    for (const batch of [1, 7, 64]) expect(await bytes(batch), `batch ${batch}`).toEqual(usual);
  },
);

test("a survey file: a PSF or lenses too large for the cutout are refused with the least size", () => {
  const survey = surveyNamed("cfhtls");
  const file = (name: string, change: object) => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, surveyYaml({ ...survey, ...change }, "a test"));
    return path;
  };
  const refused = (values: object) => () => examplesByKind(config(values), 1);
  const blurred = survey.bands.map((band) => ({ ...band, seeing: 3 }));
  // 2 × 3" on pixels of 0.187" are 32.09 pixels
  const least = Math.ceil(6 / survey.pixelScale);
  expect(refused({ survey: file("blurred", { bands: blurred }), prevalence: 0 })).toThrow(
    new RegExp(`simulate: size must be at least ${least} pixels .*seeing 3.* got 24`),
  );
  // theta_e from 0.7" needs half a cutout of more than 0.9333": 38 pixels of 0.05"
  expect(refused({ survey: "hst" })).toThrow(/size must be at least 38 pixels .*theta_e.* got 24/);
  expect(examplesByKind(config({ survey: "hst", prevalence: 0 }), 1)[0]!.kind).not.toBe("lens");
  expect(refused({ valFraction: 0.6, testFraction: 0.5 })).toThrow(/testFraction must be at most 0\.4/);
  expect(existsSync(join(folder, "x.partial"))).toBe(false);
});

test("a PSF image must fit into the cutout", () => {
  const side = 41;
  const values = Float64Array.from({ length: side * side }, (_, p) =>
    Math.exp(-(((p % side) - 20) ** 2 + (Math.floor(p / side) - 20) ** 2) / 8),
  );
  const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (41, 41), }".padEnd(117);
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, "latin1");
  writeFileSync(join(folder, "psf.npy"), Buffer.concat([head, new Uint8Array(values.buffer)]));
  const own = surveyNamed("cfhtls");
  const psf = { kind: "image" as const, files: [join(folder, "psf.npy")] };
  const path = join(folder, "imaged.yaml");
  writeFileSync(path, surveyYaml({ ...own, bands: own.bands.map((band) => ({ ...band, psf })) }, "a test"));
  expect(() => examplesByKind(config({ survey: path, size: 40 }), 1)).toThrow(
    /size must be at least 41 pixels .*PSF in .* is an image of 41, got 40/,
  );
});

test("the preview has the first objects of every kind, as the dataset has them", async () => {
  const of = config({ out: join(folder, "shown"), count: 40, seed: 2 });
  const found = examplesByKind(of, 2);
  expect(found).toHaveLength(12);
  expect(found.every(({ shape }) => shape.join() === "2,3,24,24")).toBe(true);
  const survey = surveyNamed("cfhtls");
  const kinds = Array.from(
    { length: 40 },
    (_, k) => sceneOf({ survey, size: 24, prevalence: 0.5, seed: 2 }, k).kind,
  );
  await simulate(of, {});
  const shard = readFileSync(join(folder, "shown", "images-00000.npy")).subarray(128);
  const first = kinds.indexOf("lens");
  const image = shard.subarray(first * 1728, (first + 1) * 1728);
  expect(found[0]!.kind).toBe("lens");
  expect(Buffer.from(found[0]!.images.subarray(0, 1728)).equals(image)).toBe(true);
});

test("a scene's text has a hash in place of a source image's pixels", () => {
  const pixels = Float32Array.from([1, 2, 3, 4]);
  const scene = sceneOf({ survey: surveyNamed("cfhtls"), size: 24, prevalence: 1, seed: 0 }, 0);
  const light = { ...scene.lights[0]!, image: { pixels, width: 2, height: 2, scale: 0.1 } };
  const { image } = JSON.parse(sceneText({ ...scene, lights: [light] })).lights[0];
  const hash = createHash("sha256").update(Buffer.from(pixels.buffer)).digest("hex");
  expect(image).toEqual({ pixels: `sha256 ${hash.slice(0, 32)}`, width: 2, height: 2, scale: 0.1 });
});

test("images of a recipe are sources: lensed, scaled to the band's magnitude, the same bytes in any batch", async () => {
  const side = 9;
  // A bar: light in the middle row alone.
  const bar = (k: number) => (Math.floor(k / side) === 4 ? 1 + (k % side) : 0);
  writeNpy(
    join(folder, "bar.npy"),
    "<f4",
    [side, side],
    bytesOf(Float32Array.from({ length: side * side }, (_, k) => bar(k))),
  );
  const recipe = join(folder, "pictured.yaml");
  const images = (file: string, more = "") =>
    `name: pictured\nlens:\n  source:\n    images: {files: [${file}], scale: 0.05, share: 0.5${more}}\n`;
  writeFileSync(recipe, images("bar.npy"));
  const made = async (batch: number) => {
    const out = join(folder, `pictured-${batch}`);
    const settings = { out, recipe, count: 24, prevalence: 1, pixels: "flux", size: 48 };
    await simulate(config(settings), { command: "test" }, { batch });
    return out;
  };
  const out = await made(24);
  const other = await made(5);
  for (const file of ["images-00000.npy", "table.parquet"])
    expect(readFileSync(join(other, file)).equals(readFileSync(join(out, file)))).toBe(true);
  const dataset = await openDataset(out);
  const scenes = dataset.column("scene").map((text) => JSON.parse(String(text)));
  const pictured = scenes.filter(({ lights }) => lights.some((light: { image?: object }) => light.image));
  expect(pictured.length).toBeGreaterThan(5);
  expect(pictured.length).toBeLessThan(19);
  const source = pictured[0].lights.find((light: { lensed: boolean }) => light.lensed);
  expect(source.image).toMatchObject({ width: side, height: side, scale: 0.05 });
  // Half of 1 + … + 9 = 45 about the centroid 16/3 (counted from 0): |x − 16/3| ≤ 5/3 holds 5 + 6 + 7 + 8.
  expect(source.R).toBeCloseTo((5 / 3) * 0.05, 6);
  expect(dataset.column("arc_snr").every((snr) => Number(snr) > 0)).toBe(true);
  dataset.close();

  const refused = (text: string) => {
    writeFileSync(recipe, text);
    return () => examplesByKind(config({ recipe, size: 48 }), 1);
  };
  writeNpy(join(folder, "dark.npy"), "<f4", [2, 2], bytesOf(new Float32Array(4)));
  expect(refused(images("dark.npy"))).toThrow(/dark\.npy: the pixels' sum must be positive, got 0/);
  expect(refused(images("absent.npy"))).toThrow(/absent\.npy/);
  expect(refused(images("bar.npy", ", size: 3"))).toThrow(/pictured\.yaml line 4: .*size is not known/);
});
