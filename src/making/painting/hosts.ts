/** Hosts: real cutouts, measured, and the massive galaxies among them; the rest are set aside with a reason. */

import type { Value } from "../../catalog/table.ts";
import { type ImageDomain, openDataset } from "../../dataset/dataset.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import { UnlabelledDataset } from "../../dataset/unlabelled.ts";
import { rowsWhere } from "../../dataset/where.ts";
import { refuse } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { Progress } from "../../foundation/progress.ts";
import { textKey, uniformAt } from "../../foundation/random.ts";
import type { UnitRange } from "../../foundation/shards/range.ts";
import type { Recipe } from "../../lensing/recipes/recipe.ts";
import { recipeNamed } from "../../lensing/recipes/recipe-file.ts";
import { SIGMA_PER_FWHM } from "../../sky/fwhm.ts";
import { inUnits, magnitudeOf, onPixels, type Survey } from "../../sky/survey.ts";
import { surveyNamed, surveys } from "../../sky/surveys/registry.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { PaintConfig } from "./config.ts";
import { mostThetaE, redshiftOf } from "./deflector.ts";
import { type Central, measured } from "./measure.ts";
import { uncomposite } from "./uncomposite.ts";

export interface Hosts {
  domain: ImageDomain;
  /** The survey in the hosts' bands and on their pixels. */
  survey: Survey;
  side: number;
  /** Whether images are composites. */
  display: boolean;
  /** Einstein radii that the cutouts can show, arcsec. */
  range: [number, number];
  redshifts: readonly Value[] | null;
  /** Each host's own, arcsec; null if the survey's counts. */
  seeings: readonly Value[] | null;
  /** Source galaxies are drawn from it. */
  recipe: Recipe;
  /** Rows that may be used: of the splits that aren't sealed, and by the condition. */
  rows: Int32Array;
}

/** A massive galaxy in the middle of a host. Positions and angles as in scenes: arcsec, y upwards. */
export interface Deflector {
  row: number;
  z: number;
  /** AB, one per band. */
  magnitudes: number[];
  /** In r. */
  r: number;
  x: number;
  y: number;
  /** Axis ratio of its light without the PSF; and the major axis, radians. */
  q: number;
  angle: number;
  /** Einstein radii that can be painted, arcsec: what the cutouts can show, clear of its full pixels. */
  range: [number, number];
  /** Sky sigma of each band, flux units. */
  sigma: number[];
  /** PSF FWHM of each band, arcsec. */
  seeing: number[];
}

/** The smallest Einstein radius to paint, whatever the pixels and seeing, arcsec. */
const LEAST_THETA_E = 0.7;
/** The largest, as a fraction of half the cutout's side. */
const OF_HALF = 0.75;
const AT_ONCE = 64;
/** Seeing that an image can have, from space to the worst night, arcsec. */
const LEAST_SEEING = 0.03;
const MOST_SEEING = 5;

/** @throws ArcletError when the hosts' bands, pixel scale, survey or shape don't fit the survey, or their files have changed */
export async function openHosts(config: PaintConfig): Promise<Hosts> {
  const dataset = await openDataset(config.hosts);
  try {
    const { redshift, seeing } = config;
    if (redshift === "label") refuse("paint", "redshift", "a column of redshifts", redshift);
    if (seeing === "label") refuse("paint", "seeing", "a column of arcsec", seeing);
    const redshifts = redshift === null ? null : dataset.column(redshift);
    const seeings = seeing === null ? null : dataset.column(seeing);
    const recipe = recipeNamed(config.recipe);
    const domain = new UnlabelledDataset(dataset);
    const { bands, pixelScale, shape, pixels, survey: named, zeroPoint } = domain.info;
    const given = surveyNamed(config.survey);
    const display = pixels === "display";
    if (named !== null && named !== given.name && surveys.has(named))
      if (surveys.has(given.name))
        refuse("paint", "survey", `${named}, the survey of ${config.hosts}`, given.name);
    if (display && bands.join() !== given.display.bands.join())
      refuse(
        config.hosts,
        "bands",
        `${given.display.bands.join(", ")}, those of ${given.name}'s composites`,
        bands.join(", "),
      );
    for (const name of bands)
      if (!given.bands.some((band) => band.name === name))
        refuse(config.hosts, "bands", `of ${given.name}: ${given.bands.map((b) => b.name).join(", ")}`, name);
    for (const name of bands)
      if (!Object.hasOwn(recipe.bands, name))
        refuse(config.hosts, "bands", `of ${Object.keys(recipe.bands).join(", ")}, the recipe's`, name);
    for (const name of ["g", "r"])
      if (!bands.includes(name))
        refuse(config.hosts, "bands", "with g and r, to choose deflectors by", bands.join(", "));
    if (Math.abs(pixelScale / given.pixelScale - 1) > 0.02)
      refuse(config.hosts, "pixel scale", `${given.pixelScale}" like ${given.name}'s, to 2%`, pixelScale);
    const [, side, width] = shape;
    if (side !== width) refuse(config.hosts, "shape", "of square images", shape);
    // Their flux may be in another unit than the survey's.
    const inTheirs = display || zeroPoint === undefined ? given : inUnits(given, zeroPoint);
    const scaled = onPixels(inTheirs, pixelScale);
    const survey = {
      ...scaled,
      bands: bands.map((name) => scaled.bands.find((band) => band.name === name)!),
    };
    const sharpest = Math.min(...survey.bands.map((band) => band.seeing));
    const least = config.leastThetaE ?? Math.max(LEAST_THETA_E, sharpest);
    const most = (OF_HALF * side * pixelScale) / 2;
    if (least >= most)
      refuse(
        "paint",
        "leastThetaE",
        `below ${most.toFixed(2)}", which is ${OF_HALF} of half a cutout of ${config.hosts}`,
        least,
      );
    const quarter = (side * pixelScale) / 4;
    if (config.offCentre > quarter)
      refuse("paint", "offCentre", `at most ${quarter.toFixed(2)}", a quarter of a cutout`, config.offCentre);
    const rows = await rowsOf(domain, config);
    await dataset.verify();
    return { domain, survey, side, display, range: [least, most], redshifts, seeings, recipe, rows };
  } catch (error) {
    dataset.close();
    throw error;
  }
}

async function rowsOf(domain: UnlabelledDataset, { hosts, splits, where }: PaintConfig): Promise<Int32Array> {
  const unsealed = domain.rows(...splits);
  const met = where === null ? null : new Set(await rowsWhere(hosts, where, false));
  const rows = met === null ? unsealed : unsealed.filter((row) => met.has(row));
  if (rows.length === 0)
    refuse(hosts, "rows", `some in ${splits.join(", ")}${where === null ? "" : ` with ${where}`}`, "none");
  return rows;
}

/** (B, C, S, S) float32 flux of hosts' images. */
export const fluxOfImages = (images: Tensor, { display, survey }: Hosts): Tensor =>
  display ? uncomposite(images, survey) : images;

/** What the hosts are, by measurement, each in the hosts' order. */
export interface MeasuredHosts {
  deflectors: Deflector[];
  /** Those without one. */
  setAside: SetAside[];
}

/**
 * Finds the deflectors among the hosts.
 *
 * @param range of the hosts that may be used; all of them by default
 * @param saved as in `safePoint`
 */
export async function deflectorsIn(
  hosts: Hosts,
  config: PaintConfig,
  bar: Pick<Progress, "tick"> | undefined,
  range: UnitRange = { from: 0, to: hosts.rows.length },
  saved = "nothing was written",
): Promise<MeasuredHosts> {
  const { domain, side, display } = hosts;
  const area = side * side;
  const size = area * domain.info.bands.length;
  const deflectors: Deflector[] = [];
  const setAside: SetAside[] = [];
  for (let first = range.from; first < range.to; first += AT_ONCE) {
    await safePoint(saved);
    const rows = Array.from(hosts.rows.subarray(first, Math.min(range.to, first + AT_ONCE)));
    const { flux, raw } = pixelsOf(domain, rows, hosts);
    for (const [k, row] of rows.entries()) {
      const image = flux.subarray(k * size, (k + 1) * size);
      const full = display ? fullPixels(raw.subarray(k * size, (k + 1) * size) as Uint8Array, area) : null;
      const result = deflectorIn(image, full, row, hosts, config);
      if (Array.isArray(result))
        setAside.push({ row, id: domain.ids[row]!, kind: result[0], reason: `${result[0]}: ${result[1]}` });
      else deflectors.push(result);
    }
    bar?.tick(rows.length);
  }
  return { deflectors, setAside };
}

function pixelsOf(domain: ImageDomain, rows: readonly number[], hosts: Hosts) {
  let raw: Float32Array | Uint8Array = new Uint8Array();
  const flux = tidy(() => {
    const images = domain.images(rows);
    raw = images.data() as Float32Array | Uint8Array;
    return fluxOfImages(images, hosts).contiguous().data() as Float32Array;
  });
  return { flux, raw };
}

function fullPixels(image: Uint8Array, area: number): Uint8Array {
  const full = new Uint8Array(area);
  for (const [p, value] of image.entries()) if (value === 255) full[p % area] = 1;
  return full;
}

/** The deflector in a host, or why there is none. */
function deflectorIn(
  flux: Float32Array,
  full: Uint8Array | null,
  row: number,
  hosts: Hosts,
  config: PaintConfig,
): Deflector | Flaw {
  const { survey, side, display, domain } = hosts;
  const bad = flux.reduce((sum, x) => sum + (Number.isFinite(x) ? 0 : 1), 0);
  if (bad > 0) return ["not finite", `${bad} of ${flux.length} pixels are NaN or infinite`];
  const scale = survey.pixelScale;
  const own = hosts.seeings?.[row];
  if (own !== undefined && !(typeof own === "number" && own >= LEAST_SEEING && own <= MOST_SEEING))
    return ["no seeing", `${config.seeing} is ${own}, must be from ${LEAST_SEEING} to ${MOST_SEEING} arcsec`];
  const seeings = survey.bands.map((band) => own ?? band.seeing);
  const seeing = Math.min(...seeings) / scale;
  const area = side * side;
  const { sigma, central } = measured(flux, side, {
    full: full ?? saturated(flux, survey, area),
    clipped: display,
    seeing,
    name: `${config.hosts} row ${row + 1} (id ${domain.ids[row]})`,
  });
  const flat = sigma.findIndex((s) => !(s > 0));
  if (flat >= 0) return ["no sky noise", `the sky in ${survey.bands[flat]!.name} is the same in all pixels`];
  if (central === null) return ["nothing in the middle", "no source within the seeing of the middle"];
  return massive(central, sigma, seeings, row, hosts, config);
}

function saturated(flux: Float32Array, survey: Survey, area: number): Uint8Array | null {
  if (survey.bands.every((band) => band.saturation === undefined)) return null;
  const full = new Uint8Array(area);
  for (const [p, value] of flux.entries())
    if (value >= (survey.bands[Math.floor(p / area)]!.saturation ?? Number.POSITIVE_INFINITY))
      full[p % area] = 1;
  return full;
}

/** A star's size is below this many times the PSF's sigma. */
const STAR = 1.15;
/** An edge-on disc's axis ratio is below this. */
const THIN = 0.4;
/** Stars, and galaxies with a flaw in a band, are further off the colours of passive galaxies than this; in scatters. */
const OFF = 5;

/** Why a host has no deflector: the kind of reason, and the reason. */
type Flaw = [kind: string, reason: string];

function massive(
  central: Central,
  sigma: number[],
  seeing: number[],
  row: number,
  hosts: Hosts,
  config: PaintConfig,
): Deflector | Flaw {
  const { survey, side, range } = hosts;
  const scale = survey.pixelScale;
  // Arcs must stay clear of the full pixels by half the seeing: light on those is lost.
  const fullRadius = Math.sqrt(central.full / Math.PI) * scale;
  const clear = central.full === 0 ? 0 : fullRadius + Math.min(...seeing) / 2;
  const least = Math.max(range[0], clear);
  const flaw = lightFlaw(central, least, hosts);
  if (flaw !== null) return flaw;
  const magnitudes = central.flux.map((f) => magnitudeOf(f, survey.zeroPoint));
  const band = bandOf(survey, "r");
  const r = magnitudes[band]!;
  if (r > config.faintest) return ["too faint", `r is ${r.toFixed(2)}, must be at most ${config.faintest}`];
  const q = axisRatio(central, (seeing[band]! * SIGMA_PER_FWHM) / scale);
  if (typeof q !== "number") return q;
  const z = redshift(central, { row, r, sigma }, hosts, config);
  if (typeof z !== "number") return z;
  const most = mostThetaE(r, z, config.groupShare);
  if (most < least) {
    const what = `at redshift ${z.toFixed(2)} its Einstein radius is at most ${most.toFixed(2)}"`;
    return least > range[0]
      ? ["saturated", `${what}, its full pixels reach ${fullRadius.toFixed(2)}"`]
      : ["not massive enough", `${what}, must be at least ${least}"`];
  }
  const middle = (side - 1) / 2;
  return {
    row,
    z,
    magnitudes,
    r,
    x: (central.x - middle) * scale,
    y: (middle - central.y) * scale,
    q,
    angle: 0 - central.theta, // not -0, which no file of JSON keeps
    range: [least, range[1]],
    sigma,
    seeing,
  };
}

const bandOf = ({ bands }: Survey, name: string): number => bands.findIndex((band) => band.name === name);

/** What is wrong with its light. @param least the smallest Einstein radius clear of its full pixels, arcsec */
function lightFlaw({ core, flux, full }: Central, least: number, { survey, range }: Hosts): Flaw | null {
  if (least >= range[1] || (full > 0 && core.some((f) => !(f > 0))))
    return ["saturated", `${full} of its pixels are full`];
  const dark = [...core, ...flux].findIndex((f) => !(f > 0));
  if (dark < 0) return null;
  return ["not seen in a band", `no light in ${survey.bands[dark % survey.bands.length]!.name}`];
}

/** The axis ratio of its light without the PSF. @param psf sigma, pixels */
function axisRatio({ a, b }: Central, psf: number): number | Flaw {
  const width = Math.sqrt(a * b);
  if (width < STAR * psf)
    return ["a point", `its size is ${(width / psf).toFixed(2)} of the PSF's, a star's is below ${STAR}`];
  const [a2, b2] = [a ** 2 - psf ** 2, Math.max(0, b ** 2 - psf ** 2)];
  const q = Math.sqrt(b2 / a2);
  return q < THIN ? ["a thin disc", `its axis ratio is ${q.toFixed(2)}, must be at least ${THIN}`] : q;
}

/** The redshift as given, or else drawn from what its colours and brightness leave open. */
function redshift(
  { core, corePixels }: Central,
  { row, r: magnitude, sigma }: { row: number; r: number; sigma: readonly number[] },
  { survey, redshifts, domain }: Hosts,
  config: PaintConfig,
): number | Flaw {
  const [g, r, i] = [bandOf(survey, "g"), bandOf(survey, "r"), bandOf(survey, "i")];
  const colour = (blue: number, red: number) => -2.5 * Math.log10(core[blue]! / core[red]!);
  const error = (blue: number, red: number) =>
    1.0857 * Math.hypot(...[blue, red].map((band) => (sigma[band]! * Math.sqrt(corePixels)) / core[band]!));
  const gr = colour(g, r);
  if (gr < config.leastGr)
    return ["too blue", `g - r is ${gr.toFixed(2)}, must be at least ${config.leastGr}`];
  const given = redshifts?.[row];
  if (given !== undefined)
    return typeof given === "number" && given > 0 && given < 3
      ? given
      : ["no redshift", `${config.redshift} is ${given}`];
  const [ri, riError] = i < 0 ? [null, 0] : [colour(r, i), error(r, i)];
  const seen = { gr, ri, r: magnitude, errors: [error(g, r), riError] as const };
  // By the id, so that the redshift doesn't depend on which other hosts there are.
  const { z, off } = redshiftOf(seen, uniformAt(textKey(config.seed, domain.ids[row]!), 6));
  if (off > OFF)
    return [
      "not passive",
      `its colours are ${off.toFixed(1)} scatters off a passive galaxy's, at most ${OFF}`,
    ];
  return z;
}
