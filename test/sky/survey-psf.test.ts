import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { writeFits } from "../../src/sky/fits.ts";
import { convolve } from "../../src/sky/psf.ts";
import { psfImages } from "../../src/sky/psf-images.ts";
import type { Psf, Survey } from "../../src/sky/survey.ts";
import { drawPsf, surveyPsf, surveyTransfer } from "../../src/sky/survey-psf.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-psf-"));
afterAll(() => rmSync(folder, { recursive: true }));
noTensorIsLeft();

const SIZE = 64;
const base = surveyNamed("cfhtls");
const withPsf = (psf: Psf, pixelScale = 0.2): Survey => ({
  ...base,
  pixelScale,
  bands: [{ ...base.bands[0]!, psf }],
});

/** Second moments of a PSF centred on the origin of a periodic grid. */
function moments(psf: Float64Array) {
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < psf.length; i++) {
    const [x, y] = [i % SIZE, Math.floor(i / SIZE)].map((k) => (k < SIZE / 2 ? k : k - SIZE)) as [
      number,
      number,
    ];
    xx += psf[i]! * x * x;
    yy += psf[i]! * y * y;
    xy += psf[i]! * x * y;
  }
  return { xx, yy, xy };
}

test("an elliptical Gaussian: axis ratio (1 − |e|) / (1 + |e|), half the angle of (e1, e2), a circle's area", () => {
  const [e1, e2] = [0.12, -0.16]; // |e| = 0.2, q = 2 / 3
  const survey = withPsf({ kind: "gaussian" });
  const conditions = { seeing: [1], psf: [{ e1, e2, image: 0 }] };
  const { xx, yy, xy } = moments(
    tidy(() => surveyPsf(survey, [conditions], SIZE, "float64").data() as Float64Array),
  );
  const variance = (1 / 0.2 / 2.3548200450309493) ** 2;
  const [sum, root] = [xx + yy, Math.hypot(xx - yy, 2 * xy)];
  const [major, minor] = [(sum + root) / 2, (sum - root) / 2];
  expect(Math.sqrt(minor / major)).toBeCloseTo(2 / 3, 4);
  expect(Math.sqrt(major * minor)).toBeCloseTo(variance, 3);
  expect(Math.atan2(2 * xy, xx - yy)).toBeCloseTo(Math.atan2(e2, e1), 4);
});

test("a band's own Moffat takes precedence over the survey's", () => {
  const survey = withPsf({ kind: "moffat", beta: 2 });
  const psf = tidy(() => surveyPsf(survey, [{ seeing: [0.8] }], SIZE, "float64").data() as Float64Array);
  expect(psf[2]! / psf[0]!).toBeCloseTo(0.5, 10); // half the width of 4 pixels
  const square = 4 / (Math.SQRT2 - 1); // γ²
  expect(psf[5]! / psf[0]!).toBeCloseTo((1 + 25 / square) ** -2, 10);
});

test("ellipticities scatter as stated, bands together, reproducibly for an object", () => {
  const survey: Survey = {
    ...base,
    bands: base.bands.map((band, k) => ({
      ...band,
      psf: { kind: "gaussian", ellipticity: k === 2 ? 0.02 : 0.04 },
    })),
  };
  const drawn = Array.from({ length: 4000 }, (_, i) => drawPsf(new Draws(1, i), survey));
  const rms = (k: number) =>
    Math.sqrt(drawn.reduce((sum, shapes) => sum + shapes[k]!.e1 ** 2, 0) / drawn.length);
  expect(rms(0)).toBeCloseTo(0.04, 2);
  expect(rms(2) / rms(0)).toBeCloseTo(0.5, 6);
  expect(drawPsf(new Draws(1, 7), survey)).toEqual(drawn[7]);
  expect(drawPsf(new Draws(1, 7), base)[0]).toEqual({ e1: 0, e2: 0, image: 0 });
});

/** A Gaussian of `sigma` pixels at (x, y), as float32. */
const gaussian = (side: number, x: number, y: number, sigma: number, flux = 3) =>
  Float32Array.from({ length: side * side }, (_, i) => {
    const square = ((i % side) - x) ** 2 + (Math.floor(i / side) - y) ** 2;
    return flux * Math.exp(-square / (2 * sigma ** 2));
  });

test("an image is centred, resampled to the survey's pixels, of unit sum; a cube has one per plane", () => {
  const path = join(folder, "cube.fits");
  const planes = [gaussian(61, 30.3, 29.6, 4), gaussian(61, 28, 31, 6)];
  writeFits(path, [{ data: Float32Array.from(planes.flatMap((plane) => [...plane])), shape: [2, 61, 61] }]);
  const images = psfImages({ kind: "image", files: [path], pixelScale: 0.1 }, 0.2);
  expect(images).toHaveLength(2);
  for (const [k, sigma] of [2, 3].entries()) {
    const { side, data } = images[k]!;
    const middle = (side * side - 1) / 2;
    expect(data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    for (const [dx, dy] of [
      [0, 0],
      [2, 0],
      [-2, 0],
      [0, 3],
      [0, -3],
    ] as const) {
      const want = Math.exp(-(dx * dx + dy * dy) / (2 * sigma ** 2)) / (2 * Math.PI * sigma ** 2);
      expect(Math.abs(data[middle + dy * side + dx]! / want - 1), `${k} ${dx} ${dy}`).toBeLessThan(0.01);
    }
  }
  expect(psfImages({ kind: "image", files: [path], plane: 1, pixelScale: 0.1 }, 0.2)[0]).toEqual(images[1]);
});

test("an asymmetric image convolves the right way round, and each object has its own", () => {
  const path = join(folder, "odd.fits");
  const [a, b] = [gaussian(31, 15, 15, 1.5), gaussian(31, 15, 15, 2.5)];
  a[18 * 31 + 19] = 0.5; // a spot at (+4, +3)
  writeFits(path, [{ data: Float32Array.from([...a, ...b]), shape: [2, 31, 31] }]);
  const psf: Psf = { kind: "image", files: [path] };
  const images = psfImages(psf, 0.2);
  const survey = { ...withPsf(psf), psfPixel: 0 }; // light averaged over pixels is convolved by the image as it is
  const objects = [1, 0].map((image) => ({ seeing: [1], psf: [{ e1: 0, e2: 0, image }] }));
  const seen = tidy(() => {
    const point = new Generator(1).normal([2, 1, 32, 32]).mul(0);
    point.select(3, 12).select(2, 10).copy_(point.select(3, 12).select(2, 10).add(1)); // at x 12, y 10
    return convolve(point, surveyTransfer(survey, objects, SIZE)).data() as Float32Array;
  });
  const at = (object: number, dx: number, dy: number) => seen[object * 1024 + (10 + dy) * 32 + 12 + dx]!;
  const expected = (image: number, dx: number, dy: number) => {
    const { side, data } = images[image]!;
    return data[(dy + (side - 1) / 2) * side + dx + (side - 1) / 2]!;
  };
  for (const [dx, dy] of [
    [0, 0],
    [4, 3],
    [-4, -3],
    [1, -2],
  ] as const) {
    expect(at(0, dx, dy)).toBeCloseTo(expected(1, dx, dy), 6);
    expect(at(1, dx, dy)).toBeCloseTo(expected(0, dx, dy), 6);
  }
  expect(at(1, 4, 3)).toBeGreaterThan(5 * Math.abs(at(1, -4, -3)));
  expect(() => tidy(() => surveyPsf(survey, objects, 16))).toThrow(
    /PSF must be an image of at most 16 pixels/,
  );
});

test("files that are no PSF are refused by name", () => {
  const npy = join(folder, "bad.npy");
  writeFileSync(npy, "no");
  expect(() => psfImages({ kind: "image", files: [npy] }, 0.2)).toThrow(/bad\.npy: not an \.npy file/);
  const dark = join(folder, "dark.fits");
  writeFits(dark, [{ data: new Float32Array(81), shape: [9, 9] }]);
  expect(() => psfImages({ kind: "image", files: [dark] }, 0.2)).toThrow(/dark\.fits: PSF must be/);
  writeFits(dark, [{ data: gaussian(9, 4, 4, 1), shape: [9, 9] }]);
  expect(() => psfImages({ kind: "image", files: [dark], plane: 1 }, 0.25)).toThrow(
    /plane must be 0 to 0, got 1/,
  );
});

const real = "../shared/data/psf/hsc_grizy_psf.npy";
test.skipIf(!existsSync(real))("real HSC PSFs are as wide as the survey's seeing, within a third", () => {
  const hsc = surveyNamed("hsc");
  const images = psfImages({ kind: "image", files: [real] }, hsc.pixelScale);
  expect(images).toHaveLength(hsc.bands.length);
  images.forEach(({ side, data }, k) => {
    const middle = (side - 1) / 2;
    const peak = data[middle * side + middle]!;
    // the area above half the peak is π (FWHM / 2)²
    const area = data.reduce((sum, value) => sum + (value > peak / 2 ? 1 : 0), 0);
    const fwhm = 2 * Math.sqrt(area / Math.PI) * hsc.pixelScale;
    expect(Math.abs(fwhm / hsc.bands[k]!.seeing - 1), `${hsc.bands[k]!.name} ${fwhm}`).toBeLessThan(0.34);
  });
});
