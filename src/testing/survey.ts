/** What simulation, painting and measuring rely on in a survey. */
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { correlated } from "../sky/correlation.ts";
import { depthOf } from "../sky/depth.ts";
import { type PsfImage, psfImages } from "../sky/psf-images.ts";
import { composite } from "../sky/stretch.ts";
import { type Band, fluxOf, photonsPerUnit, psfOf, type Survey } from "../sky/survey.ts";
import { checkedSurvey, surveyYaml } from "../sky/survey-file.ts";
import { surveyPsf } from "../sky/survey-psf.ts";
import { stack, tensor } from "../torch/create.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { expected, holdTo, type Promised, promisesOf } from "./promise.ts";

const promise = promisesOf<Survey>();

/** A number of a survey that lies outside of these is as a rule in another unit. */
const PLAUSIBLE = {
  pixelScale: { from: 0.005, to: 10, unit: "arcsec" },
  zeroPoint: { from: 5, to: 40, unit: "AB mag of one flux unit" },
  seeing: { from: 0.02, to: 10, unit: "arcsec, full width at half maximum" },
  skyBrightness: { from: 12, to: 30, unit: "AB mag/arcsec²" },
  depth: { from: 14, to: 34, unit: "AB mag at 5 sigma" },
} as const;

function within(what: string, kind: keyof typeof PLAUSIBLE, value: number): void {
  const { from, to, unit } = PLAUSIBLE[kind];
  if (!(value >= from && value <= to)) expected(what, `from ${from} to ${to} (${unit})`, value);
}

/** Pixels a side of the grids that PSFs are drawn on: several times the widest, and no smaller than an image of one. */
function gridOf(survey: Survey): number {
  const sides = survey.bands.flatMap((band) => {
    const psf = psfOf(survey, band);
    const images = psf.kind === "image" ? psfImages(psf, survey.pixelScale) : [];
    return [16 * Math.ceil(band.seeing / survey.pixelScale), ...images.map(({ side }) => side + 1)];
  });
  return Math.max(64, ...sides);
}

const shape = promise("shape", "it is what a survey's file may hold, and nothing is missing", (survey) => {
  const whole = checkedSurvey(structuredClone(survey), survey.name);
  if (!isDeepStrictEqual(whole, survey)) expected("the survey", "one with its defaults filled in", survey);
});

const source = promise("source", "it says where its numbers come from, with a year", ({ source: text }) => {
  if (!/\d{4}/.test(text)) expected("source", "a text with a year", text);
});

const units = promise("units", "its numbers are of the units that they are said to be", (survey) => {
  within("pixelScale", "pixelScale", survey.pixelScale);
  within("zeroPoint", "zeroPoint", survey.zeroPoint);
  for (const band of survey.bands) {
    within(`seeing of ${band.name}`, "seeing", band.seeing);
    within(`skyBrightness of ${band.name}`, "skyBrightness", band.skyBrightness);
    within(`the depth that skySigma of ${band.name} comes to`, "depth", depthOf(survey, band));
  }
});

const sampled = promise("sampled", "a pixel is at most two thirds of the seeing", (survey) => {
  for (const { name, seeing } of survey.bands)
    if (!(seeing / survey.pixelScale > 1.5))
      expected(`seeing of ${name}`, "more than 1.5 pixels", seeing / survey.pixelScale);
});

/** Full width at half maximum of a PSF's image, pixels: of the circle that is as large as what is above half its peak. */
function widthOf({ data }: PsfImage): number {
  const half = Math.max(...data) / 2;
  return 2 * Math.sqrt(data.filter((value) => value >= half).length / Math.PI);
}

/** What a PSF half its width off its peak has left of it, drawn on pixels of a twentieth of that width. */
const halfWay = (survey: Survey, band: Band): number =>
  tidy(() => {
    const fine = { ...survey, pixelScale: band.seeing / 20, bands: [band] };
    const drawn = surveyPsf(fine, [{ seeing: [band.seeing] }], 256, "float64");
    const middle = drawn.select(0, 0).select(0, 0).select(0, 0).numbers();
    return middle[10]! / middle[0]!;
  });

const psf = promise(
  "psf",
  "its point-spread functions have unit sum, and are as wide as the seeing",
  (survey) => {
    const seen = { seeing: survey.bands.map(({ seeing }) => seeing) };
    for (const [k, band] of survey.bands.entries()) {
      const own = psfOf(survey, band);
      const images = own.kind === "image" ? psfImages(own, survey.pixelScale) : [];
      for (const image of images) {
        const ratio = (widthOf(image) * survey.pixelScale) / band.seeing;
        if (!(ratio > 0.6 && ratio < 1.6))
          expected(`the width of ${band.name}'s PSF images, over the seeing`, "about 1 (0.6 to 1.6)", ratio);
      }
      const sum = tidy(() => surveyPsf(survey, [seen], gridOf(survey), "float64").select(1, k).sum().item());
      if (!(Math.abs(sum - 1) < 1e-4)) expected(`the sum of ${band.name}'s PSF`, "1", sum);
      const left = own.kind === "image" ? 0.5 : halfWay(survey, band);
      if (!(Math.abs(left - 0.5) < 0.01))
        expected(`${band.name}'s PSF half its width off its peak`, "half of it", left);
    }
  },
);

/** Standard deviation of Σ P n / Σ P² over fields of the survey's noise n of unit variance. */
function errorOf(survey: Survey, psf: Tensor, size: number): number {
  return tidy(() => {
    const draw = (margin = 0) => new Generator(11).normal([400, 1, size + 2 * margin, size + 2 * margin]);
    const { noiseCorrelation } = survey;
    const noise = noiseCorrelation === undefined ? draw() : correlated(noiseCorrelation, [size, size], draw);
    const weights = psf.to("float32").roll([size / 2, size / 2], [0, 1]); // about the middle
    const fluxes = noise.mul(weights).sum([1, 2, 3]);
    return fluxes.var(0).sqrt().item() / psf.square().sum().item();
  });
}

const depth = promise("depth", "a star of the depth that is printed stands out by 5 sigma", (survey) => {
  const seen = { seeing: survey.bands.map(({ seeing }) => seeing) };
  const size = 2 * Math.ceil(gridOf(survey) / 2);
  for (const [k, band] of survey.bands.entries()) {
    const error = tidy(() =>
      errorOf(survey, surveyPsf(survey, [seen], size, "float64").select(0, 0).select(0, k), size),
    );
    // 400 fields give the deviation to 3.5 %
    const ratio = fluxOf(depthOf(survey, band), survey.zeroPoint) / (error * band.skySigma);
    if (!(ratio > 4.2 && ratio < 5.8))
      expected(`signal-to-noise of a star of ${band.name}'s depth`, "about 5 (4.2 to 5.8)", ratio);
  }
});

/** Standard deviation of the sky in a pixel by photons and read noise alone, over the stated one. */
function photonShare(survey: Survey, band: Band): number {
  const gain = photonsPerUnit(survey, band);
  const sky = fluxOf(band.skyBrightness, survey.zeroPoint) * survey.pixelScale ** 2;
  return Math.sqrt(sky * gain + (band.readNoise ?? 0) ** 2) / gain / band.skySigma;
}

const photons = promise(
  "photons",
  "sky brightness, gain and read noise make about the noise that is stated",
  (survey) => {
    for (const band of survey.bands) {
      const gain = photonsPerUnit(survey, band);
      if (!(Number.isFinite(gain) && gain > 0))
        expected(`photons of a flux unit of ${band.name}`, "more than 0", gain);
      const share = photonShare(survey, band);
      if (!(share > 0.3 && share < 2))
        expected(
          `the noise of ${band.name}'s sky by its photons, over skySigma`,
          "about 1 (0.3 to 2)",
          share,
        );
    }
  },
);

const noise = promise(
  "noise",
  "noise that neighbours share keeps its variance, and correlates as stated",
  (survey) => {
    const { noiseCorrelation } = survey;
    if (noiseCorrelation === undefined) return;
    const [variance, lag] = tidy(() => {
      const draw = (margin: number) => new Generator(3).normal([8, 1, 64 + 2 * margin, 64 + 2 * margin]);
      const made = correlated(noiseCorrelation, [64, 64], draw);
      const product = made.narrow(3, 0, 63).mul(made.narrow(3, 1, 63));
      return [made.square().mean().item(), product.mean().item()];
    });
    if (!(Math.abs(variance! - 1) < 0.1))
      expected("the variance of correlated noise", "that of the sky", variance);
    const stated = typeof noiseCorrelation === "string" ? undefined : (noiseCorrelation[0]![1] ?? 0);
    if (stated !== undefined && !(Math.abs(lag! - stated) < 0.1))
      expected("the correlation of neighbours", `about ${stated}, as stated`, lag);
  },
);

const display = promise("display", "its composite shows the sky dark and a bright star bright", (survey) => {
  const [sky, star] = tidy(() => {
    const random = new Generator(5);
    const bands = survey.bands.map(({ skySigma }) => random.normal([1, 32, 32]).mul(skySigma));
    const light = survey.bands.map(({ skySigma }) =>
      tensor(
        Float32Array.from({ length: 1024 }, (_, i) => (i === 528 ? 200 * skySigma : 0)),
        [1, 32, 32],
      ),
    );
    const blank = composite(stack(bands, 1), survey).to("float32");
    const seen = composite(stack(bands, 1).add(stack(light, 1)), survey).to("float32");
    return [blank.mean().item(), seen.select(3, 16).select(2, 16).max().item()];
  });
  if (!(sky! < 80)) expected("the sky's mean in the composite", "below 80 of 255", sky);
  if (!(star! > sky! + 40))
    expected("a star of 200 sigma a pixel in the composite", "brighter than the sky", star);
});

const file = promise("file", "written to a file and read, it is itself", (survey) => {
  const read = checkedSurvey(parse(surveyYaml(survey)), survey.name);
  if (!isDeepStrictEqual(read, survey)) expected("the survey that is read", "the one that was written", read);
});

/** What Arclet relies on in every survey. */
export const surveyPromises: readonly Promised<Survey>[] = [
  shape,
  source,
  units,
  sampled,
  psf,
  depth,
  photons,
  noise,
  display,
  file,
];

/**
 * Holds a survey to all promises.
 *
 * @throws ArcletError at the first that is broken: its name, what was expected and what came
 */
export const checkSurvey = (survey: Survey): Promise<void> =>
  holdTo(`survey ${survey.name}`, survey, surveyPromises);
