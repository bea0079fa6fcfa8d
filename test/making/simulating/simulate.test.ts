/** Simulated datasets: the same bytes however the work is divided, and impossible settings. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { sceneOf } from "../../../src/lensing/populations/population.ts";
import { render } from "../../../src/lensing/render.ts";
import type { Light, Scene } from "../../../src/lensing/scene.ts";
import { simulateConfig } from "../../../src/making/simulating/config.ts";
import { draw, populationOf } from "../../../src/making/simulating/draw.ts";
import { examplesByKind } from "../../../src/making/simulating/preview.ts";
import { sceneText } from "../../../src/making/simulating/rows.ts";
import { simulate } from "../../../src/making/simulating/simulate.ts";
import { magnitudeOf } from "../../../src/sky/survey.ts";
import { surveyYaml } from "../../../src/sky/survey-file.ts";
import { surveyNamed, surveys } from "../../../src/sky/surveys/registry.ts";
import { tidy } from "../../../src/torch/scope.ts";
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
  expect(found).toHaveLength(13); // two kinds of lenses and eleven of look-alikes: no group fits into 24 pixels
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

test("empty sky is written and shown, without the magnitude of a deflector", async () => {
  const recipe = join(folder, "empty.yaml");
  const classes = "classes:\n  not-lens: { empty sky: 1 }\n  lens: { lens: 1 }\n";
  writeFileSync(recipe, `name: empty\nprevalence: 0\n${classes}field: { density: 0, brightShare: 0 }\n`);
  for (const pixels of ["display", "flux"]) {
    const settings = { out: join(folder, `empty-${pixels}`), recipe, count: 5, pixels, resampled: 0.5 };
    await simulate(config(settings), { command: "test" });
    const dataset = await openDataset(settings.out);
    expect(dataset.column("kind")).toEqual(Array(5).fill("empty sky"));
    for (const name of ["lens_mag", "source_mag", "theta_e"])
      expect(dataset.column(name)).toEqual(Array(5).fill(null));
    expect(JSON.parse(String(dataset.column("scene")[0])).lights).toEqual([]);
    const images = dataset.images([0, 1, 2, 3, 4]);
    expect(images.to("float32").square().mean().item()).toBeGreaterThan(0); // noise
    images.dispose();
    dataset.close();
  }
  expect(examplesByKind(config({ recipe, count: 5 }), 2).map(({ kind }) => kind)).toEqual(["empty sky"]);
});

test("the truth's magnitudes are those of the light that is drawn, spirals and clumps included", async () => {
  const recipe = join(folder, "parts.yaml");
  writeFileSync(
    recipe,
    `name: parts
classes:
  not-lens: { spiral: 0.3, ring: 0.2, red core: 0.2, irregular: 0.1, merger: 0.1, edge-on: 0.1 }
  lens: { lens: 1 }
lens:
  deflector: { spiralShare: 0.7 }
  source: { clumps: { integers: [0, 3] }, size: 0.3 }
galaxies:
  size: 0.8
  elliptical: { n: { uniform: [1, 2] } }
  spiral: { bulgeN: { uniform: [1, 2] } }
`,
  );
  const out = join(folder, "parts");
  await simulate(config({ out, recipe, count: 48, prevalence: 0.4, seed: 6, size: 48 }), {});
  const dataset = await openDataset(out);
  const survey = surveyNamed("cfhtls");
  const scenes = dataset.column("scene").map((text) => JSON.parse(String(text)) as Scene);
  const measured = (lights: (scene: Scene) => Light[]) =>
    tidy(() => {
      const alone = scenes.map((scene) => ({ ...scene, mass: null, arcSnr: null, lights: lights(scene) }));
      const { images } = render(alone, survey, 200, { supersampling: 3 });
      const flux = images.select(1, 2).flatten(1).sum([1]).numbers();
      return flux.map((value) => magnitudeOf(value, survey.zeroPoint));
    });
  const lens = measured(({ lights, central }) => lights.slice(0, central));
  const source = measured(({ lights }) => lights.filter(({ lensed }) => lensed));
  const several = { deflectors: 0, sources: 0 };
  for (const [row, { kind, lights, central }] of scenes.entries()) {
    expect(Math.abs(Number(dataset.column("lens_mag")[row]) - lens[row]!), `${row} ${kind}`).toBeLessThan(
      0.05,
    );
    if (kind !== "lens") {
      expect(dataset.column("source_mag")[row]).toBeNull();
      continue;
    }
    expect(Math.abs(Number(dataset.column("source_mag")[row]) - source[row]!), `${row}`).toBeLessThan(0.05);
    if (central! > 1) several.deflectors++;
    if (lights.filter(({ lensed }) => lensed).length > 1) several.sources++;
  }
  expect(Math.min(several.deflectors, several.sources)).toBeGreaterThan(4);
  dataset.close();
});

test.each(surveys.names)("few pixels of %s's composites are white, and its sky is not black", (survey) => {
  const size = survey === "hst" ? 64 : 48;
  const settings = config({ survey, size, seed: 3 });
  const { pixels } = draw(
    populationOf(settings),
    Array.from({ length: 24 }, (_, k) => k),
    settings,
  );
  const full = Array.from(pixels).filter((value) => value === 255).length;
  const dark = Array.from(pixels).filter((value) => value === 0).length;
  expect(full / pixels.length).toBeLessThan(0.06);
  expect(dark / pixels.length).toBeLessThan(0.6);
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
