import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { writeFits } from "../../src/sky/fits.ts";
import type { CardValue } from "../../src/sky/fits-header.ts";
import { fitMoffat } from "../../src/sky/measure/moffat-fit.ts";
import { surveyOf } from "../../src/sky/measure/survey-of.ts";
import { slow } from "../slow.ts";
import { BETA, FWHM, HEADER, moffat, SIGMA, SIZE, writeFrame } from "./frame.ts";

slow("measures whole frames");

const folder = mkdtempSync(join(tmpdir(), "arclet-measure-"));
afterAll(() => rmSync(folder, { recursive: true }));

const frame = (name: string, options = {}) => writeFrame(join(folder, name), options);

test("a Moffat profile fitted to its own pixels is recovered", () => {
  const pixels = Array.from({ length: 21 * 21 }, (_, i) => {
    const [x, y] = [i % 21, Math.floor(i / 21)];
    return { x, y, value: 7 * moffat((x - 10.3) ** 2 + (y - 9.6) ** 2, 5.1, 2.4) };
  });
  const fit = fitMoffat(pixels, 10, 10, 4)!;
  expect(fit.fwhm).toBeCloseTo(5.1, 4);
  expect(fit.beta).toBeCloseTo(2.4, 3);
  expect(fit.x).toBeCloseTo(10.3, 5);
  expect(fit.y).toBeCloseTo(9.6, 5);
  expect(fit.peak).toBeCloseTo(7, 4);
});

test("a frame's noise, seeing, wings, scale, zero point, photons and saturation are measured", () => {
  const { survey, provenance } = surveyOf([frame("r.fits")], { name: "mine" });
  const [band] = survey.bands;
  expect(survey.pixelScale).toBeCloseTo(0.198, 5);
  expect(survey.zeroPoint).toBe(27);
  expect(band!.name).toBe("r");
  expect(Math.abs(band!.skySigma / SIGMA - 1)).toBeLessThan(0.03);
  expect(Math.abs(band!.seeing / (FWHM * 0.198) - 1)).toBeLessThan(0.02);
  expect(Math.abs(survey.moffatBeta! - BETA)).toBeLessThan(0.3);
  expect(band!.gain).toBe(40);
  // 40 photons per unit, noise of 2.5 units: 250 units of sky in a pixel of 0.0392 arcsec²
  expect(band!.skyBrightness).toBeCloseTo(27 - 2.5 * Math.log10(250 / 0.039204), 1);
  expect(band!.saturation).toBe(30000);
  expect(survey.noiseCorrelation).toBeUndefined();
  expect(provenance[0]).toMatch(/zero point from MAGZERO.*seeing from \d+ stars among \d+ candidates/);
  expect(Number(/from (\d+) stars/.exec(provenance[0]!)![1])).toBeGreaterThan(5);
});

test("correlated noise is measured, in its direction", () => {
  const { survey } = surveyOf([frame("smooth.fits", { smooth: true })], { name: "mine" });
  const lags = survey.noiseCorrelation as number[][];
  expect(Math.abs(lags[0]![1]! - 0.5)).toBeLessThan(0.03);
  expect(Math.abs(lags[1]![0]!)).toBeLessThan(0.03);
  expect(Math.abs(survey.bands[0]!.skySigma / SIGMA - 1)).toBeLessThan(0.03);
});

test("what a frame doesn't show is refused by name; given values are used", () => {
  const bare = (header: Record<string, CardValue>) => [frame("bare.fits", { header })];
  const options = { name: "mine" };
  expect(() => surveyOf(bare({ MAGZERO: "27" }), options)).toThrow(
    /bare\.fits: the zero point can't be measured .*--zero-point/,
  );
  expect(() => surveyOf(bare({ FILTER: "white" }), options)).toThrow(
    /bare\.fits: the band can't be measured .*--bands/,
  );
  expect(() => surveyOf(bare({ GAIN: 0 }), options)).toThrow(
    /bare\.fits: the photons .*--gain or --sky-brightness/,
  );
  expect(() => surveyOf(bare({ CTYPE1: "LINEAR" }), options)).toThrow(/bare\.fits: world coordinates/);
  const measured = surveyOf(bare({ MAGZERO: "27", GAIN: 0 }), {
    ...options,
    zeroPoint: [25.5],
    skyBrightness: [20.8],
    seeing: [0.7],
  });
  expect(measured.survey.zeroPoint).toBe(25.5);
  expect(measured.survey.bands[0]).toMatchObject({ skyBrightness: 20.8, seeing: 0.7 });
  expect(() => surveyOf(bare({}), { ...options, seeing: [0.7, 0.8] })).toThrow(
    /--seeing must be one per frame \(1\)/,
  );
});

test("a frame without stars has no seeing, a blank frame no sky", () => {
  const blank = join(folder, "blank.fits");
  writeFits(blank, [{ data: new Float32Array(SIZE * SIZE), shape: [SIZE, SIZE], header: HEADER }]);
  expect(() => surveyOf([blank], { name: "mine" })).toThrow(/blank\.fits: /);
  const noise = Float32Array.from({ length: SIZE * SIZE }, (_, i) => new Draws(3, i).normal(0, 1));
  const empty = join(folder, "empty.fits");
  writeFits(empty, [{ data: noise, shape: [SIZE, SIZE], header: HEADER }]);
  expect(() => surveyOf([empty], { name: "mine" })).toThrow(
    /empty\.fits: the seeing can't be measured .*--seeing/,
  );
});

test("frames with different scales or zero points are not one survey", () => {
  const r = frame("one.fits");
  const other = frame("other.fits", { header: { MAGZERO: 26 } });
  expect(() => surveyOf([r, other], { name: "mine", bands: ["g", "r"] })).toThrow(
    /other\.fits: zero point must be that of/,
  );
  const wide = frame("wide.fits", { header: { CD1_1: -1e-4, CD2_2: 1e-4 } });
  expect(() => surveyOf([r, wide], { name: "mine", bands: ["g", "r"] })).toThrow(
    /wide\.fits: pixel scale must be that of/,
  );
});

const files = ["g", "r", "i"].map((band) => `../shared/data/fits/CFHTLS-test_${band}.fits`);
test.skipIf(!existsSync(files[0]!))(
  "a real CFHTLS field: its stacks' seeing, its noise, Lanczos correlation of neighbours",
  () => {
    const { survey } = surveyOf(files, { name: "cfhtls" });
    expect(survey.pixelScale).toBeCloseTo(0.186, 4);
    expect(survey.zeroPoint).toBe(30);
    expect(survey.bands.map(({ name }) => name)).toEqual(["g", "r", "i"]);
    [0.58, 1.26, 1.75].forEach((sigma, k) => {
      expect(Math.abs(survey.bands[k]!.skySigma / sigma - 1)).toBeLessThan(0.06);
    });
    [0.816, 0.879, 0.732].forEach((seeing, k) => {
      expect(Math.abs(survey.bands[k]!.seeing / seeing - 1)).toBeLessThan(0.08); // the header's IQIMAGE
    });
    const lags = survey.noiseCorrelation as number[][];
    expect(Math.abs(lags[0]![1]! - 0.112)).toBeLessThan(0.02);
    expect(Math.abs(lags[1]![0]! - 0.112)).toBeLessThan(0.02);
  },
);
