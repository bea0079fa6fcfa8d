/**
 * Each built-in survey held against its published depth, by measuring what comes out: stars of that magnitude in images
 * with the survey's PSF and noise, measured as the publication says.
 */
import { expect, test } from "vitest";
import { observe } from "../../src/lensing/observe.ts";
import { render } from "../../src/lensing/render.ts";
import type { Scene } from "../../src/lensing/scene.ts";
import { depthOf } from "../../src/sky/depth.ts";
import { fluxOf, type Survey } from "../../src/sky/survey.ts";
import { surveyNamed, surveys } from "../../src/sky/surveys/registry.ts";
import { tidy } from "../../src/torch/scope.ts";
import { slow } from "../slow.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";

slow("draws noise for 30 bands");
noTensorIsLeft();

const SIZE = 48;
const COUNT = 500;

/** The survey's band alone, as every field's; pixels counted as independent, as in published depths. */
const alone = (survey: Survey, k: number): Survey => ({
  ...survey,
  bands: [survey.bands[k]!],
  noiseCorrelation: undefined,
});

/** A star's image without noise, its middle so many pixels off a pixel's: of flux 1 (SIZE, SIZE). */
function starOf(survey: Survey, magnitude: number, dx = 0, dy = 0): { scene: Scene; image: Float64Array } {
  const { seeing, skySigma } = survey.bands[0]!;
  const half = 0.5 * survey.pixelScale; // x = 0 is between two pixels
  const at = { x: half + dx * survey.pixelScale, y: half + dy * survey.pixelScale };
  const shape = { part: "star", lensed: false, R: 0, n: 0.5, q: 1, angle: 0, point: true };
  const scene: Scene = {
    kind: "star",
    mass: null,
    lights: [{ ...shape, ...at, magnitudes: [magnitude] }],
    seeing: [seeing],
    skySigma: [skySigma],
    pedestal: [0],
    arcSnr: null,
  };
  const { images } = render([scene], survey, SIZE, { dtype: "float64" });
  const image = images.data() as Float64Array;
  images.dispose();
  return { scene, image };
}

/** Mean over standard deviation of Σ weight · pixel in COUNT observations of a star. */
function signalToNoise(
  survey: Survey,
  magnitude: number,
  weight: (star: Float64Array) => Float64Array,
): number {
  const { scene, image } = starOf(survey, magnitude, 0.3, -0.1);
  const weights = weight(image);
  const pixels = tidy(() => {
    const { images } = render([scene], survey, SIZE);
    const scenes = Array.from({ length: COUNT }, () => scene);
    const seeds = scenes.map((_, i) => 1000 + i);
    return observe(images.expand([COUNT, 1, SIZE, SIZE]), scenes, seeds, survey).data() as Float32Array;
  });
  const each = Array.from({ length: COUNT }, (_, i) =>
    weights.reduce((sum, w, k) => sum + w * pixels[i * SIZE * SIZE + k]!, 0),
  );
  const mean = each.reduce((sum, value) => sum + value, 0) / COUNT;
  return mean / Math.sqrt(each.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (COUNT - 1));
}

/** Standard errors of a ratio to a standard deviation of COUNT numbers, and of a mean of 5 of these. */
const CLOSE = 0.13;

/** The part of each pixel in a circle around the star of `signalToNoise`. @param radius pixels */
const circleOf = (radius: number, x0 = 24.3, y0 = 23.9): Float64Array =>
  Float64Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [x, y] = [(i % SIZE) - x0, Math.floor(i / SIZE) - y0];
    let inside = 0; // a hundredth of the pixel's area each
    for (let v = 0; v < 10; v++)
      for (let u = 0; u < 10; u++)
        if (Math.hypot(x + (u - 4.5) / 10, y + (v - 4.5) / 10) < radius) inside += 0.01;
    return inside;
  });

/** By PSF-weighted photometry: 5 sigma of a point source. */
const POINT_SOURCES: Record<string, number[]> = {
  hsc: [26.5, 26.5, 26.2, 25.2, 24.4], // Aihara et al. 2022, table 2
  legacy: [24.7, 23.9, 23.0], // legacysurvey.org/dr9/description, two observations as planned
  lsst: [26.1, 27.4, 27.5, 26.8, 26.1, 24.9], // Ivezić et al. 2019, table 1
  panstarrs: [23.3, 23.2, 23.1, 22.3, 21.4], // Chambers et al. 2016, table 11
};
for (const [name, depths] of Object.entries(POINT_SOURCES))
  test(`${name}: a star of the published depth has a PSF-weighted signal-to-noise of 5, in each band`, () => {
    depths.forEach((depth, k) => {
      const survey = alone(surveyNamed(name), k);
      const snr = signalToNoise(survey, depth, (star) => star);
      expect(Math.abs(snr / 5 - 1), `${survey.bands[0]!.name} ${snr}`).toBeLessThan(CLOSE);
      expect(depthOf(survey, survey.bands[0]!)).toBeCloseTo(depth, 6);
    });
  });

/** In apertures: magnitude of the light in a circle of this diameter, and its signal-to-noise. */
const APERTURES: Record<string, { diameter: number; snr: number; depths: number[] }> = {
  des: { diameter: 1.95, snr: 10, depths: [24.7, 24.4, 23.8, 23.1, 21.7] }, // Abbott et al. 2021, abstract
  kids: { diameter: 2, snr: 5, depths: [24.23, 25.12, 25.02, 23.68] }, // Kuijken et al. 2019, abstract
  euclid: { diameter: 1.3, snr: 10, depths: [25.6] }, // McCracken et al. 2025, abstract
};
for (const [name, { diameter, snr, depths }] of Object.entries(APERTURES))
  test(`${name}: light of the published depth in a ${diameter}" aperture has a signal-to-noise of ${snr}`, () => {
    depths.forEach((depth, k) => {
      const survey = alone(surveyNamed(name), k);
      const radius = diameter / 2 / survey.pixelScale;
      const circle = circleOf(radius);
      const { image } = starOf(survey, depth, 0.3, -0.1);
      const part = image.reduce((sum, value, i) => sum + value * circle[i]!, 0);
      const whole = depth + 2.5 * Math.log10(part / fluxOf(depth, survey.zeroPoint));
      const measured = signalToNoise(survey, whole, () => circle);
      expect(Math.abs(measured / snr - 1), `${survey.bands[0]!.name} ${measured}`).toBeLessThan(CLOSE);
    });
  });

test("cfhtls: a star at the published limit of 80 % completeness has a signal-to-noise near 10 in every band", () => {
  // CFHTLS T0007, executive summary (Terapix 2012; Hudelot et al. 2012, VizieR II/317): Wide, point sources. Noise was
  // measured on frames, and knows nothing of these limits.
  for (const [k, limit] of [25.5, 25.0, 24.8].entries()) {
    const snr = signalToNoise(alone(surveyNamed("cfhtls"), k), limit, (star) => star);
    expect(snr, `${limit}`).toBeGreaterThan(8);
    expect(snr, `${limit}`).toBeLessThan(13);
  }
});

test("hst: the noise is that of the sky's electrons and of four readings, and the PSF has the handbook's wings", () => {
  // 25.94 − 21.82 mag: 44.46 e/s in an arcsec², 225.4 e in a pixel in 2028 s; 4 · 5² = 100 e² of read noise
  const survey = surveyNamed("hst");
  expect(survey.bands[0]!.skySigma).toBeCloseTo(Math.sqrt(225.4 + 100) / 2028, 6);
  // ACS Instrument Handbook, table 5.4: 80.0 % in 0.25" across
  const { image } = starOf(survey, 20, 0.5, 0.5);
  const circle = circleOf(0.125 / survey.pixelScale, 24.5, 24.5);
  const part = image.reduce((sum, value, i) => sum + value * circle[i]!, 0);
  expect(part / fluxOf(20, survey.zeroPoint)).toBeCloseTo(0.8, 1.5);
});

test("hst: a star of the published depth has a signal-to-noise of 5 in an aperture of 0.3 to 0.4 arcsec", () => {
  const survey = surveyNamed("hst");
  const inAperture = (diameter: number) =>
    signalToNoise(survey, 27.2, () => circleOf(diameter / 2 / survey.pixelScale));
  expect(inAperture(0.3)).toBeGreaterThan(5);
  expect(inAperture(0.4)).toBeLessThan(5);
});

test("every survey's stars are as wide at half their height as its seeing, and have the printed depth", () => {
  for (const survey of surveys.list)
    survey.bands.forEach(({ name, seeing }, k) => {
      const band = alone(survey, k);
      const centred = starOf(band, 20).image;
      const off = starOf(band, 20, seeing / survey.pixelScale / 2).image;
      const middle = 24 * SIZE + 24;
      expect(off[middle]! / centred[middle]!, `${survey.name} ${name}`).toBeCloseTo(0.5, 6);
      const squares = centred.reduce((sum, value) => sum + value ** 2, 0);
      const flux = centred.reduce((sum, value) => sum + value, 0);
      const star = fluxOf(depthOf(band, band.bands[0]!), survey.zeroPoint);
      const snr = (star * Math.sqrt(squares)) / flux / band.bands[0]!.skySigma;
      // a star in the middle of a pixel stands out a little more where a PSF is hardly wider than a pixel
      expect(Math.abs(snr / 5 - 1), `${survey.name} ${name} ${snr}`).toBeLessThan(0.03);
    });
});
