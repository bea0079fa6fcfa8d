/** A survey measured on real frames, one per band. What can't be measured is an error that names it, never a guess. */

import { ArcletError, refuse } from "../../foundation/errors.ts";
import { mean, quantile } from "../../foundation/statistics.ts";
import { type Band, magnitudeOf, type Survey } from "../survey.ts";
import {
  bandOf,
  type Frame,
  type HeaderNumber,
  pixelScaleOf,
  positiveCard,
  readFrame,
  zeroPointOf,
} from "./frame.ts";
import { noiseOf } from "./noise.ts";
import { type Seeing, seeingOf } from "./stars.ts";

/** Values to use in place of measurements; lists have one number per frame. */
export interface Overrides {
  name: string;
  bands?: readonly string[] | undefined;
  zeroPoint?: readonly number[] | undefined;
  pixelScale?: number | undefined;
  seeing?: readonly number[] | undefined;
  gain?: readonly number[] | undefined;
  skyBrightness?: readonly number[] | undefined;
}

/** A survey as measured on its frames. */
export interface Measured {
  /** The survey. */
  survey: Survey;
  /** Where each number comes from, one line per band. */
  provenance: string[];
}

/** A correlation of neighbours below this is noise of the measurement. */
const LEAST_CORRELATION = 0.03;
/** Least fraction of a frame that must be empty sky. */
const LEAST_FREE = 0.1;

interface MeasuredBand {
  band: Band;
  zeroPoint: number;
  pixelScale: number;
  autocorrelation: number[][];
  beta: number;
  line: string;
}

/**
 * @param paths FITS files, one per band
 * @throws ArcletError naming the file and what can't be measured, with the flag to give it instead
 */
export function surveyOf(paths: readonly string[], overrides: Overrides): Measured {
  for (const key of ["bands", "zeroPoint", "seeing", "gain", "skyBrightness"] as const) {
    const list = overrides[key];
    const shared = key === "zeroPoint" && list?.length === 1;
    if (list !== undefined && list.length !== paths.length && !shared)
      refuse("survey-from", FLAGS[key], `one per frame (${paths.length})`, list.join(","));
  }
  const measured = paths.map((path, k) => measureBand(readFrame(path), k, overrides));
  const first = measured[0]!;
  for (const [k, { zeroPoint, pixelScale }] of measured.entries()) {
    if (Math.abs(pixelScale / first.pixelScale - 1) > 0.01)
      refuse(
        paths[k]!,
        "pixel scale",
        `that of ${paths[0]} (${first.pixelScale.toFixed(4)} arcsec)`,
        pixelScale,
      );
    if (Math.abs(zeroPoint - first.zeroPoint) > 0.005)
      refuse(
        paths[k]!,
        "zero point",
        `that of ${paths[0]} (${first.zeroPoint}), since a survey has one flux unit`,
        zeroPoint,
      );
  }
  const bands = measured.map(({ band }) => band);
  const betas = measured
    .map(({ beta }) => beta)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const beta = betas.length === 0 ? null : rounded(Math.min(10, Math.max(1.5, quantile(betas, 0.5))), 3);
  const lags = meanOf(measured.map(({ autocorrelation }) => autocorrelation));
  const neighbours = Math.max(Math.abs(lags[0]![1]!), Math.abs(lags[1]![0]!));
  const survey: Survey = {
    name: overrides.name,
    title: overrides.name,
    source: "measured by arclet survey-from",
    pixelScale: rounded(first.pixelScale, 5),
    zeroPoint: rounded(first.zeroPoint, 6),
    moffatBeta: beta,
    noiseScatter: 0.1,
    bands,
    ...(neighbours < LEAST_CORRELATION
      ? {}
      : { noiseCorrelation: lags.map((row) => row.map((rho) => fixed(rho))) }),
    display: displayOf(bands),
  };
  const provenance = [
    ...measured.map(({ line }) => line),
    `noise between neighbours: ${fixed(lags[0]![1]!)} along rows, ${fixed(lags[1]![0]!)} along columns`,
    beta === null
      ? "PSF wings: not measured, taken as Gaussian"
      : `PSF wings: Moffat's beta, the median of the bands' stars`,
    "not measured: seeingScatter and noiseScatter (usual values), display (scaled to the noise)",
  ];
  return { survey, provenance };
}

const FLAGS = {
  bands: "--bands",
  zeroPoint: "--zero-point",
  seeing: "--seeing",
  gain: "--gain",
  skyBrightness: "--sky-brightness",
} as const;

function measureBand(frame: Frame, k: number, overrides: Overrides): MeasuredBand {
  const { path } = frame;
  const cannot = (what: string, why: string, flag: string): never => {
    throw new ArcletError({
      where: path,
      code: "missing",
      problem: `${what} can't be measured (${why})`,
      fix: `give ${flag}`,
    });
  };
  const name =
    overrides.bands?.[k] ??
    bandOf(frame) ??
    cannot("the band", "no FILTER card with a known band", FLAGS.bands);
  const pixelScale =
    overrides.pixelScale ??
    pixelScaleOf(frame) ??
    cannot("the pixel scale", "no world coordinates", "--pixel-scale");
  const zeroPoint =
    overrides.zeroPoint === undefined ? undefined : (overrides.zeroPoint[k] ?? overrides.zeroPoint[0]);
  const zero: HeaderNumber =
    zeroPoint !== undefined
      ? { value: zeroPoint, card: FLAGS.zeroPoint }
      : (zeroPointOf(frame) ??
        cannot("the zero point", "no MAGZERO, PHOTZP, ZP or similar card", FLAGS.zeroPoint));
  const noise = noiseOf({ data: frame.data, width: frame.width, height: frame.height, name: path });
  if (!(noise.sigma > 0) || noise.free < LEAST_FREE)
    throw new ArcletError({
      where: path,
      code: "empty",
      problem: `the sky can't be measured (${Math.round(100 * noise.free)} % of it is empty)`,
    });
  const card = positiveCard(frame, ["SATURATE", "SATLEVEL"]);
  const saturation = card ?? plateauOf(frame);
  const measured = seeingOf(noise, saturation?.value ?? Infinity);
  const seeing = overrides.seeing?.[k] ?? (measured.stars > 0 ? measured.fwhm * pixelScale : undefined);
  if (seeing === undefined)
    cannot(
      "the seeing",
      `no two of ${measured.candidates} bright round sources have the same size`,
      FLAGS.seeing,
    );
  const light = lightOf(frame, noise.sigma, pixelScale, zero.value, overrides, k);
  const band: Band = {
    name,
    seeing: rounded(seeing!, 3),
    seeingScatter: 0.08,
    skySigma: rounded(noise.sigma, 4),
    skyBrightness: rounded(light.skyBrightness, 4),
    ...(light.gain === undefined ? {} : { gain: rounded(light.gain, 5) }),
    ...(saturation === undefined ? {} : { saturation: rounded(saturation.value, 6) }),
  };
  const line = [
    `${name}: ${path}, zero point from ${zero.card}`,
    `sky from ${Math.round(100 * noise.free)} % of the pixels`,
    overrides.seeing === undefined ? seeingLine(measured, pixelScale) : `seeing from ${FLAGS.seeing}`,
    light.line,
    saturation === undefined ? "saturation not reached" : `saturation from ${saturation.card}`,
  ].join("; ");
  const beta = overrides.seeing === undefined ? measured.beta : NaN;
  return { band, zeroPoint: zero.value, pixelScale, autocorrelation: noise.autocorrelation, beta, line };
}

const seeingLine = ({ stars, candidates, scatter }: Seeing, pixelScale: number) =>
  `seeing from ${stars} stars among ${candidates} candidates, scatter ${(scatter * pixelScale).toFixed(3)} arcsec`;

/** What is known about the photons: with a gain, given or in the header, the sky's noise gives its brightness. */
function lightOf(
  frame: Frame,
  sigma: number,
  pixelScale: number,
  zeroPoint: number,
  overrides: Overrides,
  k: number,
) {
  const brightness = overrides.skyBrightness?.[k];
  const gain = overrides.gain?.[k];
  const card =
    gain === undefined ? positiveCard(frame, ["GAIN", "EGAIN"]) : { value: gain, card: FLAGS.gain };
  if (brightness !== undefined && gain === undefined)
    return { skyBrightness: brightness, gain: undefined, line: `sky brightness from ${FLAGS.skyBrightness}` };
  if (card === undefined)
    throw new ArcletError({
      where: frame.path,
      code: "missing",
      problem: "the photons per flux unit can't be measured (no GAIN card)",
      fix: `give ${FLAGS.gain} or ${FLAGS.skyBrightness}`,
    });
  const sky = (card.value * sigma ** 2) / pixelScale ** 2; // of Poisson noise alone
  const skyBrightness = brightness ?? magnitudeOf(sky, zeroPoint);
  return { skyBrightness, gain: card.value, line: `photons from ${card.card}` };
}

/** The level that several of the brightest pixels share, where the detector or the reduction cut them off. */
function plateauOf({ data }: Frame): HeaderNumber | undefined {
  let highest = -Infinity;
  for (const value of data) if (value > highest && Number.isFinite(value)) highest = value;
  let count = 0;
  for (const value of data) if (value >= 0.9999 * highest) count++;
  return highest > 0 && count >= 5
    ? { value: highest, card: `${count} pixels at the highest value` }
    : undefined;
}

function meanOf(lists: readonly number[][][]): number[][] {
  return lists[0]!.map((row, y) =>
    row.map((_, x) => lists.reduce((sum, list) => sum + list[y]![x]!, 0) / lists.length),
  );
}

/** The last three bands as red, green and blue, each scaled by its inverse noise; with fewer bands, the first in grey. */
function displayOf(bands: readonly Band[]): Survey["display"] {
  const shown = bands.length >= 3 ? bands.slice(-3).reverse() : bands.slice(0, 1);
  const inverse = shown.map((band) => 1 / band.skySigma);
  const middle = mean(inverse);
  const [a, b, c] = inverse.map((value) => rounded(value / middle, 3)) as [number, number, number];
  const alpha = rounded(0.09 * middle, 3); // as CFHTLS, whose scaled noise is about 1
  const names = shown.map(({ name }) => name) as [string, string, string];
  return names.length === 3
    ? { bands: names, scales: [a, b, c], Q: 1, alpha }
    : { bands: [names[0]], scales: [1], Q: 1, alpha };
}

const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));
const fixed = (value: number): number => Math.round(value * 1000) / 1000;
