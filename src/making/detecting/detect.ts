/** Sources of a field as a catalogue. */

import type { CatalogColumn } from "../../catalog/catalog.ts";
import type { Value } from "../../catalog/table.ts";
import { writeCatalog } from "../../catalog/write.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { upperMedian } from "../../foundation/statistics.ts";
import { type DetectSettings, detectFrame, isWhole, type Source } from "../../sky/frames/detect-frame.ts";
import { starLocus } from "../../sky/measure/stars.ts";
import { type Field, openField } from "./bands.ts";
import type { DetectConfig } from "./config.ts";
import { distinct, skyName } from "./names.ts";

/** What was detected. */
export interface DetectReport {
  /** Number of sources. */
  sources: number;
  /** Bands, in their order. */
  bands: string[];
  /** Median half-light radius of the stars, pixels, and their number; null if no locus of stars is seen. */
  stars: { halfLight: number; count: number } | null;
  /** Frames without a known zero point. */
  withoutZeroPoint: string[];
}

/**
 * Finds and measures the sources of a field and writes them.
 *
 * @throws ArcletError naming the frame when it can't be read or is not aligned with the others
 */
export async function detectSources(config: DetectConfig): Promise<DetectReport> {
  const field = openField(config);
  try {
    let bar: ReturnType<typeof progress> | undefined;
    const settings = settingsOf(config, field);
    const detected = await detectFrame(field.bands, field.mask, settings, async (piece, pieces) => {
      if (piece === 0 && pieces > 1) bar = progress("detect", pieces, "pieces");
      else bar?.tick();
      await safePoint("nothing was written");
    });
    bar?.done();
    return await writeSources(detected, field, config);
  } finally {
    field.close();
  }
}

/** @throws ArcletError when the band to detect on is none of the field's */
export function settingsOf(config: DetectConfig, { bands }: Field): DetectSettings {
  const names = bands.map(({ name }) => name);
  const on = names.length === 1 || config.detectOn === "sum" ? null : names.indexOf(config.detectOn);
  if (on === -1) throw unknown("detect", "detectOn", config.detectOn, ["sum", ...names]);
  return { ...config, on };
}

/** Writes the catalogue of all sources that were found. */
export async function writeSources(
  detected: readonly Source[],
  field: Field,
  config: DetectConfig,
): Promise<DetectReport> {
  const { bands, zeroPoints } = field;
  const sources = detected.filter(({ snr }) => snr >= config.leastSnr);
  const stars = starsOf(sources);
  const { columns, rows } = tableOf(sources, field, stars);
  await writeCatalog(config.out, columns, rows);
  const withoutZeroPoint = config.frames.filter((_, k) => zeroPoints[k] === null);
  return { sources: sources.length, bands: bands.map(({ name }) => name), stars, withoutZeroPoint };
}

/** Stars are sought among sources at least this bright and this round, and there must be at least this many. */
const [LEAST_SNR, LEAST_ROUND, LEAST_STARS] = [30, 0.8, 3];

function starsOf(sources: readonly Source[]): DetectReport["stars"] {
  const sizes = sources
    .filter((source) => isWhole(source) && source.snr >= LEAST_SNR && source.b >= LEAST_ROUND * source.a)
    .map(({ halfLight }) => halfLight)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const locus = starLocus(sizes);
  if (locus === null) return null;
  const stars = sizes.filter((size) => size >= locus[0] && size <= locus[1]);
  return stars.length < LEAST_STARS ? null : { halfLight: upperMedian(stars), count: stars.length };
}

function tableOf(sources: readonly Source[], { bands, zeroPoints }: Field, stars: DetectReport["stars"]) {
  const sky = bands[0]!.image.wcs.toSky(Float64Array.from(sources.flatMap(({ x, y }) => [x, y])));
  const ids = distinct(sources.map((_, i) => skyName(sky[2 * i]!, sky[2 * i + 1]!)));
  const columns: CatalogColumn[] = [
    { name: "id", type: "text", ucd: "meta.id;meta.main" },
    number("ra", "deg", "pos.eq.ra;meta.main"),
    number("dec", "deg", "pos.eq.dec;meta.main"),
    number("x", "pixel"),
    number("y", "pixel"),
    ...bands.flatMap(({ name }) => {
      const end = bands.length === 1 ? "" : `_${name}`;
      return [
        number(`flux${end}`),
        number(`flux_err${end}`),
        number(`mag${end}`, "mag"),
        number(`mag_err${end}`, "mag"),
      ];
    }),
    ...bands.slice(1).map(({ name }, k) => number(`${bands[k]!.name}_${name}`, "mag")),
    number("a", "pixel"),
    number("b", "pixel"),
    number("theta", "deg"),
    number("half_light_radius", "pixel"),
    number("size_over_psf"),
    { name: "flags", type: "whole" },
    number("snr"),
  ];
  const rows = sources.map((source, i): Value[] => {
    const lights = bands.map((_, k) => lightOf(source.flux[k]!, source.error[k]!, zeroPoints[k]!));
    const mags = lights.map(({ mag }) => mag);
    return [
      ids[i]!,
      fixed(sky[2 * i]!, 7),
      fixed(sky[2 * i + 1]!, 7),
      fixed(source.x, 3),
      fixed(source.y, 3),
      ...lights.flatMap(({ flux, error, mag, magError }) => [flux, error, mag, magError]),
      ...mags.slice(1).map((mag, k) => (mag === null || mags[k] === null ? null : fixed(mags[k]! - mag, 4))),
      fixed(source.a, 3),
      fixed(source.b, 3),
      fixed((source.theta * 180) / Math.PI, 2),
      fixed(source.halfLight, 3),
      stars === null ? null : fixed(source.halfLight / stars.halfLight, 3),
      source.flags,
      fixed(source.snr, 2),
    ];
  });
  return { columns, rows };
}

const number = (name: string, unit?: string, ucd?: string): CatalogColumn => ({
  name,
  type: "number",
  ...(unit === undefined ? {} : { unit }),
  ...(ucd === undefined ? {} : { ucd }),
});

function lightOf(flux: number, error: number, zeroPoint: number | null) {
  const known = Number.isFinite(flux) && Number.isFinite(error);
  const mag = known && flux > 0 && zeroPoint !== null;
  return {
    flux: known ? significant(flux) : null,
    error: known ? significant(error) : null,
    mag: mag ? fixed(zeroPoint - 2.5 * Math.log10(flux), 4) : null,
    magError: mag ? fixed(((2.5 / Math.LN10) * error) / flux, 4) : null,
  };
}

const fixed = (value: number, digits: number): number | null =>
  Number.isFinite(value) ? Number(value.toFixed(digits)) : null;
const significant = (value: number): number => Number(value.toPrecision(7));
