import { expect, test } from "vitest";
import { depthOf } from "../../src/sky/depth.ts";
import { noiseArea } from "../../src/sky/fwhm.ts";
import {
  fluxOf,
  inUnits,
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

for (const [name, moffatBeta, area] of [
  ["Gaussian", null, 2.2662], // π / (2 ln 2), by hand
  ["Moffat β 3", 3, 3.7773], // π γ² · 5 / 4, γ = 0.5 / √(2^(1/3) − 1) = 0.98073
  ["Moffat β 4.765", 4.765, 3.0182],
] as const)
  test(`sky sigma from a depth: a star at the limit has that signal-to-noise in a ${name} matched filter`, () => {
    const scale = { pixelScale: 0.2, zeroPoint: 27, moffatBeta };
    expect(noiseArea(1, moffatBeta)).toBeCloseTo(area, 3);
    const sigma = skySigmaOfDepth(25, 5, 0.8, scale);
    // S/N = F √Σ P² / σ, summed here pixel by pixel over a profile whose half width is 2 pixels
    const value = (r2: number) =>
      moffatBeta === null ? 2 ** (-r2 / 4) : (1 + (r2 * (2 ** (1 / moffatBeta) - 1)) / 4) ** -moffatBeta;
    let [sum, squares] = [0, 0];
    for (let y = -150; y <= 150; y++)
      for (let x = -150; x <= 150; x++) {
        sum += value(x * x + y * y);
        squares += value(x * x + y * y) ** 2;
      }
    expect((fluxOf(25, 27) * Math.sqrt(squares)) / sum / sigma).toBeCloseTo(5, 2);
  });

test("Pan-STARRS1's noise is that of its real cutouts in g, r and i, within 5 %", () => {
  // counts per second in a pixel, from 351 real cutouts: the median over them
  for (const [k, sigma] of [0.094, 0.117, 0.132].entries())
    expect(Math.abs(surveyNamed("panstarrs").bands[k]!.skySigma / sigma - 1)).toBeLessThan(0.05);
});

test("LSST's published seeing is the effective one: its noise is that of a Gaussian of that width", () => {
  const [, , r] = surveyNamed("lsst").bands;
  // 27.5 mag is 0.631 units; √(2.2662 · (0.83 / 0.2)²) = 6.247 pixels
  expect(r!.skySigma).toBeCloseTo(0.630957 / 5 / 6.2473, 5);
  expect(Math.abs(r!.seeing / (0.822 * 0.83 + 0.052) - 1)).toBeLessThan(0.03); // LSST's own FWHM_geom
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

test("in units of another zero point a star has its flux there, and the same noise, photons, saturation and picture", () => {
  const given = surveyNamed("hsc");
  const band = { ...given.bands[0]!, gain: 3, saturation: 1000 };
  const defects = { cosmicRays: 0, badColumns: 0, masked: 0.1, fill: -5 };
  const survey = { ...given, bands: [band], defects };
  const other = inUnits(survey, survey.zeroPoint + 2.5); // ten units now for one before
  expect(fluxOf(20, other.zeroPoint) / fluxOf(20, survey.zeroPoint)).toBeCloseTo(10, 12);
  expect(other.bands[0]!.skySigma).toBeCloseTo(10 * band.skySigma, 12);
  expect(other.bands[0]!.saturation).toBeCloseTo(10_000, 8);
  expect(other.defects!.fill).toBeCloseTo(-50, 10);
  // photons of one star: its flux times photons per unit
  expect(photonsPerUnit(other, other.bands[0]!)).toBeCloseTo(0.3, 12);
  const sky = inUnits(given, given.zeroPoint - 5);
  expect(photonsPerUnit(sky, sky.bands[0]!) / photonsPerUnit(given, given.bands[0]!)).toBeCloseTo(100, 6);
  expect(depthOf(sky, sky.bands[1]!)).toBeCloseTo(depthOf(given, given.bands[1]!), 9);
  expect(other.display.alpha * 10).toBeCloseTo(given.display.alpha, 12);
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
  expect(surveys.names).toEqual([
    "cfhtls",
    "des",
    "euclid",
    "hsc",
    "hst",
    "kids",
    "legacy",
    "lsst",
    "panstarrs",
  ]);
});

test("a printed depth counts what pixels share of their noise, and what wider pixels blur", () => {
  const hsc = surveyNamed("hsc");
  const [g] = hsc.bands;
  expect(depthOf(hsc, g!)).toBeCloseTo(26.5, 6);
  // noise with neighbours' correlations of 0.25 to either side has a power of (1 + 2 · 0.25)² = 2.25 at low frequencies:
  // a wide PSF's flux has nearly 1.5 times the error, 0.44 mag; measured at 0.4
  const shared = { ...hsc, noiseCorrelation: "bilinear" as const };
  expect(depthOf(shared, g!)).toBeLessThan(26.5 - 0.35);
  expect(depthOf(shared, g!)).toBeGreaterThan(26.5 - 0.4402);
  // without correlation the numeric sum is the formula's
  const none = { ...hsc, noiseCorrelation: [[1, 0.000001]] };
  expect(depthOf(none, g!)).toBeCloseTo(26.5, 2);
  // on pixels twice as wide a star is wider, so its depth is less
  const wide = onPixels(hsc, 2 * hsc.pixelScale);
  expect(depthOf(wide, wide.bands[0]!)).toBeLessThan(26.5 - 0.005);
  expect(depthOf(wide, wide.bands[0]!)).toBeGreaterThan(26.5 - 0.1);
});
