import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Dataset, openDataset } from "../../../../src/dataset/dataset.ts";
import {
  applyPreprocessing,
  channelsOf,
  fitPreprocessing,
} from "../../../../src/dataset/views/preprocess.ts";
import {
  type Preprocessing,
  preprocessing,
  preprocessings,
} from "../../../../src/dataset/views/preprocessing/registry.ts";
import { writeDataset } from "../../../../src/dataset/writer.ts";
import { tensor } from "../../../../src/torch/create.ts";
import { Generator } from "../../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../../src/torch/scope.ts";
import { row, SPEC, scratch } from "../../../tiny/dataset.ts";

const folder = scratch();
const open: Dataset[] = [];
afterAll(() => {
  for (const dataset of open) dataset.close();
});

/** Throwaway datasets of the given bands, two images of 4 × 6 pixels each. */
async function dataset(name: string, bands: string[], survey: string | null = null, pixels = "flux") {
  const shape: [number, number, number] = [bands.length, 4, 6];
  const spec = { ...SPEC, name, bands, survey, shape, pixels: pixels as "flux" | "display" };
  const size = bands.length * 24;
  await writeDataset(join(folder, name), spec, async (writer) => {
    for (const i of [0, 1]) {
      const values = Array.from({ length: size }, (_, at) => ((at * 37 + i * 11) % 101) + (at % 7) - 20);
      writer.append(pixels === "flux" ? Float32Array.from(values) : Uint8Array.from(values, (x) => x + 30), [
        row(i),
      ]);
    }
  });
  const made = await openDataset(join(folder, name));
  open.push(made);
  return made;
}

let flux: Dataset;
let cfhtls: Dataset;
beforeAll(async () => {
  flux = await dataset("flux", ["g", "r"]);
  cfhtls = await dataset("cfhtls", ["u", "g", "r", "i"], "cfhtls");
});

const about = { version: 1 as const, bands: ["g", "r"], pixelScale: 0.2, pixels: "flux" as const };
const applied = (how: Preprocessing, values: number[], shape: number[]) =>
  tidy(() => applyPreprocessing(how, tensor(values, shape)).numbers());

describe("logarithms", () => {
  test("log is log(1 + x / scale) by band, mirrored below 0", () => {
    const how: Preprocessing = { kind: "log", ...about, scale: [2, 0.5] };
    const got = applied(how, [0, 2, -2, 14, 0.5, -0.5, 0, 1], [1, 2, 1, 4]);
    const [two, eight, three] = [Math.log(2), Math.log(8), Math.log(3)];
    const want = [0, two, -two, eight, two, -two, 0, three];
    expect(got).toEqual(want.map((x) => expect.closeTo(x, 6)));
  });

  test("minmax-log is log(1 + y / scale) of each image's range; a constant image is zeros", () => {
    const how: Preprocessing = { kind: "minmax-log", ...about, scale: 1 };
    const got = applied(how, [-1, 0, 1, 3, 7, 7, 7, 7], [2, 2, 1, 2]);
    const want = [0, Math.log(1.25), Math.log(1.5), Math.log(2), 0, 0, 0, 0];
    expect(got).toEqual(want.map((x) => expect.closeTo(x, 6)));
    const steep = applied({ ...how, scale: 0.1 }, [0, 1, 2, 10], [1, 2, 1, 2]);
    expect(steep[1]).toBeCloseTo(Math.log(2), 6);
  });

  test("their scale is the band's noise, or as given, for each band or for all", () => {
    const noise = fitPreprocessing(flux, "log", [0, 1]);
    expect(noise).toEqual({ ...fitPreprocessing(flux, "asinh", [0, 1]), kind: "log" });
    expect(fitPreprocessing(flux, "log", [0], { scale: [3] })).toMatchObject({ scale: [3, 3] });
    expect(fitPreprocessing(flux, "asinh", [0], { scale: [3, 4] })).toMatchObject({ scale: [3, 4] });
    expect(fitPreprocessing(flux, "minmax-log", [0])).toMatchObject({ scale: 1 });
    expect(() => fitPreprocessing(flux, "log", [0], { scale: [1, 2, 3] })).toThrow(/one for each of g, r/);
    expect(() => fitPreprocessing(flux, "minmax-log", [0], { scale: [1, 2] })).toThrow(
      /scale must be one number/,
    );
  });
});

describe("composites", () => {
  test("humvi is the survey's display, of any bands, in order; channels are red, green, blue", () => {
    const how = fitPreprocessing(cfhtls, "humvi", [0]);
    expect(how).toMatchObject({ show: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 0.09 });
    expect(channelsOf(how)).toBe(3);
    // u is not shown; the pixel of stretch.test.ts
    const [u, g, r, i] = [99, 3, 5, 10];
    const scaled = [(i * 0.4) / 0.9, (r * 0.6) / 0.9, (g * 1.7) / 0.9];
    const sum = scaled[0]! + scaled[1]! + scaled[2]!;
    const want = scaled.map((value) => (value * Math.asinh(0.09 * sum)) / sum);
    expect(applied(how, [u, g, r, i], [1, 4, 1, 1])).toEqual(want.map((x) => expect.closeTo(x, 6)));
  });

  test("lupton has astropy's defaults, the survey's bands, and factors before the stretch", () => {
    const how = fitPreprocessing(cfhtls, "lupton", [0]);
    const defaults = { show: ["i", "r", "g"], scales: [1, 1, 1], minimum: 0, stretch: 5, Q: 8 };
    expect(how).toMatchObject(defaults);
    const grey = fitPreprocessing(cfhtls, "lupton", [0], { bands: ["r"], scales: [2], q: 2, stretch: 4 });
    expect(channelsOf(grey)).toBe(1);
    const want = (Math.asinh((2 * 2 * 3) / 4) * 0.1) / Math.asinh(0.2);
    expect(applied(grey, [0, 0, 3, 0], [1, 4, 1, 1])).toEqual([expect.closeTo(Math.min(1, want), 6)]);
  });

  test("what the survey does not give must be given; bands must exist", () => {
    expect(() => fitPreprocessing(flux, "humvi", [0])).toThrow(
      /stretch.bands must be given, as the dataset names/,
    );
    const bands = { bands: ["r", "g", "z"] };
    expect(() => fitPreprocessing(flux, "lupton", [0], bands)).toThrow(
      /stretch.bands must be one or three of g, r/,
    );
    expect(() => fitPreprocessing(flux, "humvi", [0], { bands: ["r"], scales: [1] })).toThrow(
      /stretch.q must be/,
    );
    expect(() => fitPreprocessing(cfhtls, "humvi", [0], { scales: [1] })).toThrow(/3 numbers/);
    expect(() => fitPreprocessing(cfhtls, "lupton", [0], { alpha: 1 })).toThrow(
      /stretch.alpha must be left out/,
    );
  });
});

describe("every kind", () => {
  const fluxKinds = ["standardise", "minmax", "minmax-log", "asinh", "log", "zscale"];

  test.each([1, 2, 3, 4, 5])("takes %i bands of an oblong image, and keeps size and finiteness", (count) => {
    const bands = ["u", "g", "r", "i", "z"].slice(0, count);
    const shape = [3, count, 4, 7];
    const one = bands.map(() => 1);
    const own = { mean: one, sd: one, scale: one, contrast: 0.25 };
    const live = liveTensors();
    tidy(() => {
      const x = new Generator(count).normal(shape);
      for (const kind of fluxKinds) {
        const scale = kind === "minmax-log" ? 1 : own.scale;
        const known = { kind, ...about, bands };
        const parts =
          kind === "standardise"
            ? { mean: one, sd: one }
            : kind === "zscale"
              ? { contrast: 0.25 }
              : kind === "minmax"
                ? {}
                : { scale };
        const out = applyPreprocessing(preprocessing.parse({ ...known, ...parts }), x);
        expect(out.shape).toEqual(shape);
        expect(out.dtype).toBe("float32");
        expect(out.isfinite().all().item()).toBe(1);
      }
    });
    expect(liveTensors()).toBe(live);
  });

  test.each(["minmax", "minmax-log", "log", "zscale", "asinh", "standardise"] as const)(
    "%s refuses NaN and infinity, naming the image",
    (kind) => {
      const live = liveTensors();
      const how = fitPreprocessing(flux, kind, [0, 1]);
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
        expect(() => applied(how, [1, 2, 3, 4, 1, 2, bad, 4], [2, 2, 1, 2])).toThrow(
          /preprocessing, image 2 of the batch: pixels must be finite/,
        );
      expect(liveTensors()).toBe(live);
    },
  );

  test("leaves no tensor behind when made and used", () => {
    flux.images([0]).dispose(); // maps the shard
    const live = liveTensors();
    for (const kind of fluxKinds)
      tidy(() => void applyPreprocessing(fitPreprocessing(flux, kind, [0, 1]), flux.images([0, 1])));
    expect(liveTensors()).toBe(live);
  });

  test("an option that a kind does not take is refused", () => {
    expect(() => fitPreprocessing(flux, "minmax", [0], { scale: [1] })).toThrow(
      /stretch.scale must be left out with minmax/,
    );
    expect(() => fitPreprocessing(flux, "zscale", [0], { q: 1 })).toThrow(
      /stretch.q must be left out with zscale/,
    );
  });
});

test("preprocessings of models from earlier versions still load, and give the same numbers", () => {
  const path = new URL("../../../fixtures/views/recipes-1.json", import.meta.url);
  const stored = JSON.parse(readFileSync(path, "utf8")) as {
    preprocessing: unknown;
    in: number[];
    out: number[];
  }[];
  for (const { preprocessing: text, in: values, out } of stored) {
    const read = preprocessing.parse(text);
    const x = read.pixels === "display" ? Uint8Array.from(values) : Float32Array.from(values);
    const got = tidy(() => applyPreprocessing(read, tensor(x, [2, read.bands.length, 1, 2])).numbers());
    expect(got).toEqual(out.map((value) => expect.closeTo(value, 6)));
  }
  expect(stored.map((one) => (one.preprocessing as Preprocessing).kind)).toEqual([
    "unit",
    "standardise",
    "minmax",
    "asinh",
  ]);
  expect(preprocessings.names.slice(0, 3)).toEqual(["unit", "standardise", "minmax"]);
});

test("a preprocessing of another version, an unknown kind or a further key is refused", () => {
  const good = { kind: "minmax", ...about };
  expect(preprocessing.safeParse(good).success).toBe(true);
  for (const bad of [
    { ...good, version: 2 },
    { ...good, kind: "cube-root" },
    { ...good, log: true },
  ])
    expect(preprocessing.safeParse(bad).success).toBe(false);
});

test("what is wrong in a preprocessing is named by its place in what holds it", () => {
  const model = z.object({ preprocessing });
  const placeOf = (given: unknown) => model.safeParse({ preprocessing: given }).error?.issues[0]?.path;
  expect(placeOf({ kind: "cube-root" })).toEqual(["preprocessing", "kind"]);
  expect(placeOf({ kind: "unit", ...about, version: 2 })).toEqual(["preprocessing", "version"]);
  expect(placeOf(3)).toEqual(["preprocessing", "kind"]);
});

test("a row that is not finite is refused by name when a preprocessing is made", async () => {
  const nan = await dataset("nan", ["g"]);
  const { writeFileSync, readFileSync: read } = await import("node:fs");
  const path = join(folder, "nan", "images-00000.npy");
  const bytes = read(path);
  bytes.writeFloatLE(Number.NaN, bytes.length - 8);
  writeFileSync(path, bytes);
  for (const kind of ["standardise", "asinh"] as const)
    expect(() => fitPreprocessing(nan, kind, [0, 1])).toThrow(
      /nan row 2 \(id toy-1\): pixels must be finite/,
    );
});
