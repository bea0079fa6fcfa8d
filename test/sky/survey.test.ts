import { expect, test } from "vitest";
import {
  fluxOf,
  magnitudeOf,
  onPixels,
  photonsPerUnit,
  skySigmaOfAperture,
  skySigmaOfDepth,
  skySigmaOfExposure,
} from "../../src/sky/survey.ts";
import { surveyNamed, surveys } from "../../src/sky/surveys/registry.ts";

test("magnitudes convert to fluxes and back: 2.5 magnitudes are a factor of ten", () => {
  expect(fluxOf(30, 30)).toBe(1);
  expect(fluxOf(27.5, 30)).toBeCloseTo(10, 12);
  expect(magnitudeOf(fluxOf(21.37, 27), 27)).toBeCloseTo(21.37, 12);
});

test("an unknown survey is refused by name", () => {
  expect(() => surveyNamed("sdss")).toThrow(/survey: name must be one of cfhtls.*got "?sdss/);
});

test("photons per flux unit: the sky's flux in a pixel over its variance", () => {
  const survey = { ...surveyNamed("cfhtls"), pixelScale: 0.5, zeroPoint: 25 };
  // 20 mag/arcsec² is 100 units per arcsec², 25 per pixel; σ = 2: 25 / 4
  const band = { ...survey.bands[0]!, skyBrightness: 20, skySigma: 2 };
  expect(photonsPerUnit(survey, band)).toBeCloseTo(6.25, 10);
});

test("sky sigma from a depth: a star at the limit has that signal-to-noise in a Gaussian matched filter", () => {
  const scale = { pixelScale: 0.2, zeroPoint: 27 };
  const sigma = skySigmaOfDepth(25, 5, 0.8, scale);
  // Matched filter: S/N = F √Σ P² / σ, summed here pixel by pixel.
  const width = 0.8 / 2.3548200450309493 / 0.2;
  let squares = 0;
  for (let y = -20; y <= 20; y++)
    for (let x = -20; x <= 20; x++)
      squares += (Math.exp(-(x * x + y * y) / (2 * width ** 2)) / (2 * Math.PI * width ** 2)) ** 2;
  expect((fluxOf(25, 27) * Math.sqrt(squares)) / sigma).toBeCloseTo(5, 3);
});

test("on pixels twice as wide the sky's sigma doubles; its brightness and the photons per unit stay", () => {
  const survey = surveyNamed("hsc");
  const wide = onPixels(survey, 2 * survey.pixelScale);
  expect(wide.pixelScale).toBe(2 * survey.pixelScale);
  survey.bands.forEach((band, i) => {
    expect(wide.bands[i]!.skySigma).toBeCloseTo(2 * band.skySigma, 12);
    expect(photonsPerUnit(wide, wide.bands[i]!)).toBeCloseTo(photonsPerUnit(survey, band), 8);
  });
});

test("a gain takes precedence over the sky's, and with an exposure it applies to a rate", () => {
  const survey = surveyNamed("cfhtls");
  const band = { ...survey.bands[0]!, gain: 66.65 };
  expect(photonsPerUnit(survey, band)).toBe(66.65);
  expect(photonsPerUnit(survey, { ...band, gain: 2, exposure: 300 })).toBe(600);
});

test("exposure, sky and read noise: the resulting sigma gives back the photons", () => {
  const survey = { ...surveyNamed("hst"), pixelScale: 0.05, zeroPoint: 24 };
  // 25 mag is 1 electron/s: a unit of 24 mag is 2.512/s. Sky of 22 mag: 10^1.2 × 0.0025 = 0.03962/s
  const exposed = { skyBrightness: 22, exposure: 1000, readNoise: 10, perSecond: 25 };
  const sigma = skySigmaOfExposure(exposed, survey);
  expect(sigma).toBeCloseTo(Math.sqrt(39.62 + 100) / 2511.9, 6);
  const band = { ...survey.bands[0]!, skySigma: sigma, skyBrightness: 22, readNoise: 10 };
  expect(photonsPerUnit(survey, band)).toBeCloseTo(2511.886, 2);
});

test("sky sigma from an aperture depth: that flux over its noise in the circle", () => {
  const scale = { pixelScale: 0.25, zeroPoint: 25 };
  // a circle of 2 arcsec holds 16 π pixels of 0.25: noise √(16 π) σ
  expect(skySigmaOfAperture(22.5, 10, 2, scale)).toBeCloseTo(10 / 10 / Math.sqrt(16 * Math.PI), 12);
});

test("the built-in surveys", () => {
  expect(surveys.names).toEqual(["cfhtls", "des", "euclid", "hsc", "hst", "kids", "lsst", "panstarrs"]);
});
