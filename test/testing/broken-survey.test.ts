/** Each promise of a survey, and of a preprocessing, is broken by one thing that strangers get wrong, and named. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { about, type Kind, kindOf } from "../../src/dataset/views/preprocessing/kind.ts";
import type { Survey } from "../../src/sky/survey.ts";
import { hsc } from "../../src/sky/surveys/hsc.ts";
import { preprocessingPromises } from "../../src/testing/preprocessing.ts";
import { outcomesOf, type Promised } from "../../src/testing/promise.ts";
import { surveyPromises } from "../../src/testing/survey.ts";
import { zeros } from "../../src/torch/create.ts";
import { keep } from "../../src/torch/scope.ts";

async function broken<T>(
  entry: T,
  promises: readonly Promised<T>[],
  only: string,
): Promise<string | undefined> {
  const [outcome] = await outcomesOf(
    "it",
    entry,
    promises.filter(({ name }) => name === only),
  );
  return outcome!.broken?.message;
}

const bands = (changes: Partial<Survey["bands"][number]>): Survey => ({
  ...hsc,
  bands: hsc.bands.map((band) => ({ ...band, ...changes })),
});

const folder = mkdtempSync(join(tmpdir(), "arclet-broken-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** HSC with Gaussians of so many pixels' full width as images of its PSF. */
const imaged = (...widths: number[]): Survey =>
  bands({ psf: { kind: "image", files: widths.map(gaussianFile) } });

function gaussianFile(width: number): string {
  const side = 81;
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${side}, ${side}), }`.padEnd(117);
  const bytes = Buffer.alloc(128 + 8 * side * side);
  bytes.write("\x93NUMPY\x01\x00", "latin1");
  bytes.writeUInt16LE(118, 8);
  bytes.write(`${header}\n`, 10, "latin1");
  const sigma = width / 2.3548;
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [(i % side) - 40, Math.floor(i / side) - 40];
    bytes.writeDoubleLE(Math.exp(-(x * x + y * y) / (2 * sigma ** 2)), 128 + 8 * i);
  }
  const file = join(folder, `psf-${width}.npy`);
  writeFileSync(file, bytes);
  return file;
}

const SURVEYS: [name: string, survey: Survey, message: RegExp][] = [
  [
    "shape",
    { ...hsc, display: { ...hsc.display, bands: ["u"], scales: [1] } },
    /display.bands must be from the survey's bands/,
  ],
  ["shape", { ...hsc, noiseScatter: undefined as never }, /must be one with its defaults filled in/],
  ["source", { ...hsc, source: "our own night" }, /source must be a text with a year/],
  ["units", { ...hsc, pixelScale: 168 }, /pixelScale must be from 0.005 to 10 \(arcsec\), got 168/],
  // Counts in place of the zero point's units.
  ["units", bands({ skySigma: 2e5 }), /the depth that skySigma of g comes to must be from 14 to 34/],
  ["units", bands({ skyBrightness: 1 }), /skyBrightness of g must be from 12 to 30/],
  ["sampled", { ...hsc, pixelScale: 0.6 }, /seeing of g must be more than 1.5 pixels/],
  // Images of a PSF three times as wide as the seeing that is stated.
  ["psf", imaged(12), /the width of g's PSF images, over the seeing must be about 1/],
  // PSFs so different that no one depth is that of a star.
  ["depth", imaged(4.2, 16), /signal-to-noise of a star of g's depth must be about 5/],
  [
    "photons",
    bands({ gain: 1e-3 }),
    /the noise of g's sky by its photons, over skySigma, must be|must be about 1/,
  ],
  ["noise", { ...hsc, noiseCorrelation: [[1, -0.9]] }, /noiseCorrelation|the correlation of neighbours/],
  [
    "display",
    { ...hsc, display: { ...hsc.display, alpha: 143 } },
    /the sky's mean in the composite must be below 80/,
  ],
  ["file", { ...hsc, title: undefined as never }, /title is missing/],
];

test("the survey that is broken here keeps every promise as it is, and with a PSF of its seeing", async () => {
  for (const survey of [hsc, imaged(4.2)])
    for (const { name } of surveyPromises)
      expect(await broken(survey, surveyPromises, name), name).toBeUndefined();
});

test.each(SURVEYS)("survey: %s (%#)", async (name, survey, message) => {
  expect(await broken(survey, surveyPromises, name)).toMatch(message);
});

const half = kindOf({
  schema: z.strictObject({ kind: z.literal("half"), ...about, by: z.number() }),
  summary: "half",
  pixels: "any",
  takes: [],
  fit: () => ({ by: 0.5 }),
  apply: ({ by }, x) => x.mul(by),
});

const KINDS: [name: string, kind: Partial<typeof half>, message: RegExp][] = [
  ["shape", { takes: ["half" as never] }, /takes must be a list chosen from/],
  ["fits", { fit: () => ({ by: Math.random() }) }, /what fit makes of flux again must be/],
  ["fits", { fit: () => ({ by: Number.NaN }) }, /what fit makes of flux must be numbers of its schema/],
  ["applies", { apply: (_, x) => x.log() }, /the images of flux must be finite/],
  ["applies", { channels: () => 1 }, /the images' shape of flux must be \(24,1,8,8\), got \[24,3,8,8\]/],
  ["alone", { apply: (_, x) => x.sub(x.mean()) }, /an image of flux must be the same alone as in a batch/],
  [
    "alone",
    {
      apply: (_, x) => {
        x.copy_(zeros([]));
        return x;
      },
    },
    /its input must be what it was/,
  ],
  [
    "leaks",
    {
      apply: (_, x) => {
        keep(zeros([1]));
        return x;
      },
    },
    /tensors left must be 0, got 1/,
  ],
];

test.each(KINDS)("preprocessing: %s (%#)", async (name, changes, message) => {
  const kind = { ...half, ...changes } as unknown as Kind;
  expect(await broken(half as unknown as Kind, preprocessingPromises, name)).toBeUndefined();
  expect(await broken(kind, preprocessingPromises, name)).toMatch(message);
});

test("every promise is broken by one of these", () => {
  const missing = (promises: readonly { name: string }[], names: readonly string[]) =>
    promises.map(({ name }) => name).filter((name) => !names.includes(name));
  expect(missing(surveyPromises, [...SURVEYS.map(([name]) => name)])).toEqual([]);
  expect(
    missing(
      preprocessingPromises,
      KINDS.map(([name]) => name),
    ),
  ).toEqual([]);
});
