import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dataset, openDataset } from "../../../../src/dataset/dataset.ts";
import type { Fitting } from "../../../../src/dataset/views/fitting/config.ts";
import { fitImages, type Needs } from "../../../../src/dataset/views/fitting/fit.ts";
import { type DatasetSpec, writeDataset } from "../../../../src/dataset/writer.ts";
import { liveTensors, tidy } from "../../../../src/torch/scope.ts";
import { row, SPEC, scratch } from "../../../tiny/dataset.ts";

const folder = scratch();
const open: Dataset[] = [];
afterAll(() => {
  for (const dataset of open) dataset.close();
});
async function dataset(name: string, more: Partial<DatasetSpec>, values: number[]): Promise<Dataset> {
  const spec = { ...SPEC, name, ...more };
  const pixels = spec.pixels === "flux" ? Float32Array.from(values) : Uint8Array.from(values);
  await writeDataset(join(folder, name), spec, async (writer) => writer.append(pixels, [row(0)]));
  const made = await openDataset(join(folder, name));
  open.push(made);
  return made;
}

let three: Dataset;
let grey: Dataset;
beforeAll(async () => {
  const cfhtls = { survey: "cfhtls", bands: ["g", "r", "i"], shape: [3, 2, 2] as [number, number, number] };
  three = await dataset("three", cfhtls, [3, 3, 3, 3, 5, 5, 5, 5, 10, 10, 10, 10]);
  const values = Array.from({ length: 36 }, (_, i) => i);
  grey = await dataset("grey", { bands: ["r"], shape: [1, 6, 6], pixels: "display" }, values);
});

const nothing: Fitting = {
  resample: false,
  display: null,
  stretch: { bands: null, scales: null, q: null, stretch: null, minimum: null, alpha: null },
};
const needs = (more: Partial<Needs>): Needs => ({
  bands: ["g", "r", "i"],
  pixelScale: 0.2,
  pixels: "flux",
  shape: [3, 2, 2],
  ...more,
});
const adapted = (domain: Dataset, wants: Needs, how: Partial<Fitting> = {}) => {
  const { domain: seen, notes } = fitImages(domain, wants, { ...nothing, ...how });
  const [values, shape] = tidy(() => [seen.images([0]).numbers(), seen.images([0]).shape]);
  expect(shape!.slice(1)).toEqual([...wants.shape]);
  const pixelScale = expect.closeTo(wants.pixelScale, 2);
  expect(seen.info).toMatchObject({ ...wants, pixelScale, bands: [...wants.bands], shape: [...wants.shape] });
  return { values, notes, seen };
};

test("a dataset that fits is returned itself", () => {
  const { seen, notes } = adapted(three, needs({}));
  expect(seen).toBe(three);
  expect(notes).toEqual([]);
});

test("bands are taken by name, surplus ones dropped, and both are noted", () => {
  const { values, notes } = adapted(three, needs({ bands: ["i", "g"], shape: [2, 2, 2] }));
  expect(values).toEqual([10, 10, 10, 10, 3, 3, 3, 3]);
  expect(notes).toEqual(["bands g, r, i are taken as i, g (r dropped)"]);
  const turned = adapted(three, needs({ bands: ["i", "r", "g"] }));
  expect(turned.values.slice(0, 5)).toEqual([10, 10, 10, 10, 5]);
  expect(turned.notes).toEqual(["bands g, r, i are taken as i, r, g"]);
  expect(() => fitImages(three, needs({ bands: ["g", "z"], shape: [2, 2, 2] }), nothing)).toThrow(
    /three: has bands g, r, i, the model was made for g, z: it lacks z \(bands go by name/,
  );
});

test("flux becomes the survey's composite for a model of display images, in the model's order of colours", () => {
  const wants = needs({ bands: ["g", "r", "i"], pixels: "display" });
  const { values, notes } = adapted(three, wants, { display: "humvi" });
  // the pixel of stretch.test.ts: red, green, blue 86, 64, 109
  expect([values[0], values[4], values[8]]).toEqual([109, 64, 86]);
  expect(notes).toEqual([
    "humvi composites of i, r, g are made from the flux",
    "bands i, r, g are taken as g, r, i",
  ]);
  const lupton = adapted(three, wants, {
    display: "lupton",
    stretch: { ...nothing.stretch, q: 1e-3, stretch: 200 },
  });
  // close to linear: 255 × flux / 200 × 1
  expect([lupton.values[0], lupton.values[4], lupton.values[8]]).toEqual([3, 6, 12]);
});

test("pixels of another kind are refused with the way out", () => {
  const display = needs({ pixels: "display" });
  expect(() => fitImages(three, display, nothing)).toThrow(
    /three: has flux pixels, the model was made for display images \(--display humvi or --display lupton/,
  );
  const flux = needs({ bands: ["r"], shape: [1, 6, 6] });
  expect(() => fitImages(grey, flux, nothing)).toThrow(
    /made for flux, and a stretch can't be undone: import the flux/,
  );
  expect(() => fitImages(three, needs({}), { ...nothing, display: "humvi" })).toThrow(
    /display must be left out/,
  );
  const q = { ...nothing, stretch: { ...nothing.stretch, q: 1 } };
  expect(() => fitImages(three, needs({}), q)).toThrow(/stretch must be left out/);
});

const ofGrey = (more: Partial<Needs>) =>
  needs({ bands: ["r"], pixels: "display", shape: [1, 4, 4], ...more });

test("larger images of the same scale are cropped to their middle if allowed", () => {
  const { values, notes } = adapted(grey, ofGrey({ pixelScale: 0.201 }), { resample: true });
  expect(values.slice(0, 8)).toEqual([7, 8, 9, 10, 13, 14, 15, 16]);
  expect(notes).toEqual(["the middle 4 × 4 of 6 × 6 pixels is taken"]);
  expect(() => fitImages(grey, ofGrey({}), nothing)).toThrow(
    /grey: has images of 1 × 6 × 6, the model was made for 1 × 4 × 4 \(--resample crops them to their middle\)/,
  );
});

test("another scale is resampled if allowed: a ramp stays a ramp", () => {
  const { values, notes } = adapted(grey, ofGrey({ pixelScale: 0.25 }), { resample: true });
  // a pixel is 1.25 old ones; the centre is at (2.5, 2.5), where the ramp 6 y + x is 17.5
  const want = [-1.875, -0.625, 0.625, 1.875].flatMap((y) =>
    [-1.875, -0.625, 0.625, 1.875].map((x) => 17.5 + 6 * y + x),
  );
  for (const i of [5, 6, 9, 10]) expect(Math.abs(values[i]! - want[i]!)).toBeLessThan(1);
  expect(notes[0]).toMatch(/resampled from 6 × 6 pixels of 0.2 arcsec to their middle 4 × 4 of 0.25/);
  expect(() => fitImages(grey, ofGrey({ pixelScale: 0.25 }), nothing)).toThrow(
    /grey: has a pixel scale of 0.2 arcsec, the model was made for 0.25 arcsec \(--resample resamples/,
  );
});

test("images that cover too little are refused, allowed or not", () => {
  const asked = { ...nothing, resample: true };
  for (const how of [nothing, asked])
    expect(() => fitImages(grey, ofGrey({ shape: [1, 8, 8] }), how)).toThrow(
      /for 8 × 8 of 0.2: cut larger ones/,
    );
  expect(() => fitImages(grey, ofGrey({ pixelScale: 0.4 }), asked)).toThrow(
    /6 × 6 pixels of 0.2 arcsec.*4 × 4 of 0.4/,
  );
});

test("nothing is left behind", () => {
  const { seen } = adapted(three, needs({ bands: ["r"], pixels: "display", shape: [1, 2, 2] }), {
    display: "humvi",
  });
  const live = liveTensors();
  seen.images([0]).dispose();
  expect(liveTensors()).toBe(live);
  expect([seen.count, seen.ids, seen.groups, seen.splits, [...seen.rows("train")]]).toEqual([
    1,
    ["toy-0"],
    ["place-0"],
    ["train"],
    [0],
  ]);
  expect(seen.imageHashes()).toEqual(three.imageHashes());
  expect(seen.folder).toBe(three.folder);
});
