import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Dataset, openDataset } from "../../../src/dataset/dataset.ts";
import {
  applyPreprocessing,
  checkPreprocessing,
  fitPreprocessing,
} from "../../../src/dataset/views/preprocess.ts";
import { preprocessing } from "../../../src/dataset/views/preprocessing/registry.ts";
import { writeDataset } from "../../../src/dataset/writer.ts";
import { tensor } from "../../../src/torch/create.ts";
import { liveTensors } from "../../../src/torch/scope.ts";
import { row, SPEC, scratch } from "../../tiny/dataset.ts";

const folder = scratch();
const about = { version: 1 as const, bands: ["g", "r"], pixelScale: 0.2, pixels: "flux" as const };
let flux: Dataset;
let display: Dataset;

beforeAll(async () => {
  await writeDataset(join(folder, "flux"), { ...SPEC, shape: [2, 1, 2] }, async (writer) => {
    writer.append(new Float32Array([1, 3, 10, 10]), [row(0)]);
    writer.append(new Float32Array([5, 7, 10, 30]), [row(1)]);
    writer.append(new Float32Array([900, 900, 900, 901]), [row(2)]);
  });
  flux = await openDataset(join(folder, "flux"));
  const spec = { ...SPEC, shape: [2, 1, 2] as [number, number, number], pixels: "display" as const };
  await writeDataset(join(folder, "display"), spec, async (writer) => {
    writer.append(new Uint8Array([0, 255, 51, 102]), [row(0)]);
  });
  display = await openDataset(join(folder, "display"));
});

describe("fitting", () => {
  test("standardise takes each band's mean and standard deviation over the given rows", () => {
    // g: 1 3 5 7, r: 10 10 10 30
    const made = fitPreprocessing(flux, "standardise", flux.rows("train"));
    expect(made).toEqual({
      kind: "standardise",
      ...about,
      mean: [4, 15],
      sd: [expect.closeTo(Math.sqrt(5), 12), expect.closeTo(Math.sqrt(75), 12)],
    });
    expect(preprocessing.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
  });

  test("asinh takes 1.4826 × the median absolute deviation of each band, and refuses a band without noise", async () => {
    await writeDataset(join(folder, "noise"), { ...SPEC, shape: [2, 1, 5] }, async (writer) => {
      writer.append(new Float32Array([1, 2, 3, 4, 100, -10, 0, 10, 20, 30]), [row(0)]);
      writer.append(new Float32Array([1, 2, 3, 4, 100, 0, 0, 0, 0, 30]), [row(1)]);
    });
    const noise = await openDataset(join(folder, "noise"));
    // g: median 3, deviations 2 1 0 1 97; r: median 10, deviations 20 10 0 10 20
    expect(fitPreprocessing(noise, "asinh", [0])).toMatchObject({
      scale: [expect.closeTo(1.4826, 10), expect.closeTo(14.826, 10)],
    });
    expect(() => fitPreprocessing(noise, "asinh", [1])).toThrow(/band r must be noisy/);
    noise.close();
  });

  test("refuses a kind that does not suit the pixels, no rows, and a band of one value", () => {
    expect(() => fitPreprocessing(flux, "unit", [0])).toThrow(/other than unit for flux/);
    expect(() => fitPreprocessing(display, "asinh", [0])).toThrow(/other than asinh for display/);
    expect(() => fitPreprocessing(flux, "minmax", [])).toThrow(/rows must be at least one/);
    expect(() => fitPreprocessing(flux, "standardise", [0])).toThrow(
      /band r must be of more than one value, got 10/,
    );
  });
});

describe("applying", () => {
  const numbers = (kind: Parameters<typeof applyPreprocessing>[0], values: Parameters<typeof tensor>[0]) => {
    const out = applyPreprocessing(kind, tensor(values, [values instanceof Uint8Array ? 1 : 2, 2, 1, 2]));
    expect(out.dtype).toBe("float32");
    return out.numbers();
  };

  test("unit is x / 255", () => {
    const unit = fitPreprocessing(display, "unit", [0]);
    const expected = [0, 1, 0.2, 0.4].map((x) => expect.closeTo(x, 6));
    expect(numbers(unit, new Uint8Array([0, 255, 51, 102]))).toEqual(expected);
  });

  test("standardise and asinh work band by band", () => {
    const x = new Float32Array([4, 6, 0, 3, 2, 8, 6, 9]);
    expect(numbers({ kind: "standardise", ...about, mean: [4, 0], sd: [2, 3] }, x)).toEqual([
      0, 1, 0, 1, -1, 2, 2, 3,
    ]);
    const bent = [2, 3, 0, 1, 1, 4, 2, 3].map((y) => expect.closeTo(Math.log(y + Math.sqrt(y * y + 1)), 5));
    expect(numbers({ kind: "asinh", ...about, scale: [2, 3] }, x)).toEqual(bent);
  });

  test("minmax scales each image over all its bands; a constant image becomes zeros", () => {
    const x = new Float32Array([-1, 0, 1, 3, 7, 7, 7, 7]);
    expect(numbers({ kind: "minmax", ...about }, x)).toEqual([0, 0.25, 0.5, 1, 0, 0, 0, 0]);
  });

  test("leaves one new tensor", () => {
    const images = flux.images([0, 1]);
    const before = liveTensors();
    applyPreprocessing({ kind: "minmax", ...about }, images).dispose();
    expect(liveTensors()).toBe(before);
    expect(() => applyPreprocessing({ kind: "minmax", ...about, bands: ["g"] }, images)).toThrow(
      /images must be \(B, 1, H, W\), got \[2,2,1,2\]/,
    );
  });
});

test("data of other bands, pixels or pixel scale are refused by name; 1 % of pixel scale may be off", () => {
  const made = { kind: "minmax" as const, ...about };
  checkPreprocessing(made, flux.info);
  checkPreprocessing(made, { ...flux.info, pixelScale: 0.2019 });
  expect(() => checkPreprocessing(made, { ...flux.info, pixelScale: 0.203 })).toThrow(
    "toy: has a pixel scale of 0.203 arcsec, the model was made for 0.2 arcsec",
  );
  expect(() => checkPreprocessing(made, { ...flux.info, bands: ["r", "g"] })).toThrow(
    "toy: has bands r,g, the model was made for g,r",
  );
  expect(() => checkPreprocessing(made, display.info)).toThrow(
    "toy: has pixels display, the model was made for flux",
  );
});
