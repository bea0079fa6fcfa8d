/** Draws from a recipe's distributions. */
import { refuse } from "../../foundation/errors.ts";
import type { Draws } from "../../foundation/random.ts";
import { type Cosmology, comovingDistance } from "../cosmology.ts";
import type { Distribution, Range, Relation } from "./distribution.ts";
import { OutOfReach, TRIES } from "./out-of-reach.ts";

/** Quantities that relations may follow, by name. */
export type Known = Readonly<Record<string, number>>;

const NOTHING: Known = {};

/**
 * One draw.
 *
 * @param known quantities that a relation may follow
 * @throws OutOfReach when its range is out of a distribution's reach
 */
export function draw(d: Draws, from: Distribution, known: Known = NOTHING): number {
  if (typeof from === "number") return from;
  if ("uniform" in from) return d.uniform(from.uniform[0], from.uniform[1]);
  if ("normal" in from) return again(from, () => d.normal(from.normal[0], from.normal[1]));
  if ("relation" in from) return relation(d, from, known[from.on]!);
  if ("logUniform" in from) return d.logUniform(from.logUniform[0], from.logUniform[1]);
  if ("poisson" in from) return again(from, () => d.poisson(from.poisson));
  if ("integers" in from) return d.integer(from.integers[0], from.integers[1]);
  if ("lognormal" in from)
    return again(from, () => from.lognormal[0] * Math.exp(d.normal(0, from.lognormal[1])));
  if ("powerLaw" in from) return powerLaw(d.uniform(), from.powerLaw, from.within);
  if ("counts" in from) return counts(d.uniform(), from.counts, from.within);
  if ("choice" in from) return Number(chosen(d, from.choice));
  if ("schechter" in from)
    return inverse(tableOf(from, schechterOf(from.schechter), from.within), d.uniform());
  return refuse("draw", "volume", "drawn by drawRedshift, with a cosmology", from);
}

/** A redshift; `volume` is one of this cosmology. */
export function drawRedshift(
  d: Draws,
  from: Distribution,
  cosmology: Cosmology,
  known: Known = NOTHING,
): number {
  if (typeof from === "number" || !("volume" in from)) return draw(d, from, known);
  const density = volumeElement(cosmology);
  return inverse(tableOf(from, density, from.volume, cosmology.matter), d.uniform());
}

/** A draw within the range, if there is one: others are drawn again. */
function again(from: Exclude<Distribution, number> & { within?: Range }, once: () => number): number {
  const { within } = from;
  if (within === undefined) return once();
  for (let tries = 0; tries < TRIES; tries++) {
    const value = once();
    if (value >= within[0] && value <= within[1]) return value;
  }
  throw new OutOfReach(from, within);
}

/** Without scatter a second draw would be the same, so that the value is held at the range's nearer end. */
function relation(d: Draws, from: Relation, x: number): number {
  const { within, scatter = 0, on } = from;
  if (scatter > 0)
    try {
      return again(from, () => related(d, from, x));
    } catch (error) {
      throw error instanceof OutOfReach ? error.at(on, x) : error;
    }
  const value = related(d, from, x);
  return within === undefined ? value : Math.min(within[1], Math.max(within[0], value));
}

function related(d: Draws, { relation, at, value, slope, scatter = 0 }: Relation, x: number): number {
  const noise = scatter === 0 ? 0 : d.normal(0, scatter);
  if (relation === "linear") return value + slope * (x - at) + noise;
  if (relation === "logarithmic") return value + slope * Math.log10(x / at) + noise;
  return value * 10 ** (slope * (x - at)) * Math.exp(noise);
}

function powerLaw(u: number, slope: number, [low, high]: Range): number {
  const power = slope + 1;
  if (Math.abs(power) < 1e-9) return low * (high / low) ** u;
  return (low ** power + u * (high ** power - low ** power)) ** (1 / power);
}

/** From N(< m) ∝ 10^(slope m). */
function counts(u: number, slope: number, [low, high]: Range): number {
  if (Math.abs(slope) < 1e-9) return low + u * (high - low);
  return low + Math.log10(1 + u * (10 ** (slope * (high - low)) - 1)) / slope;
}

/** One of the keys, drawn by their shares. */
export function chosen(d: Draws, shares: Readonly<Record<string, number>>): string {
  let total = 0;
  for (const key in shares) total += shares[key]!;
  let remaining = d.uniform(0, total);
  let last = "";
  for (const key in shares) {
    const share = shares[key]!;
    if (share === 0) continue;
    remaining -= share;
    last = key;
    if (remaining < 0) return key;
  }
  return last;
}

/** A cumulative distribution, from 0 to 1, at equal steps of its variable. */
interface Table {
  low: number;
  step: number;
  cumulative: Float64Array;
}
const STEPS = 2048;
/**
 * Each of a recipe's distributions is tabulated once, for as long as the recipe lives. Recipes of several cosmologies may
 * share one.
 */
const tables = new WeakMap<object, Map<number, Table>>();

/** @param matter what the density depends on besides its distribution */
function tableOf(from: object, density: (x: number) => number, range: Range, matter = 0): Table {
  const byMatter = tables.get(from) ?? new Map<number, Table>();
  tables.set(from, byMatter);
  const table = byMatter.get(matter) ?? tabulated(density, range);
  byMatter.set(matter, table);
  return table;
}

const schechterOf =
  ({ alpha, beta, scale }: { alpha: number; beta: number; scale: number }) =>
  (x: number): number =>
    (x / scale) ** alpha * Math.exp(-((x / scale) ** beta)) * (scale / x);

/** dV / dz up to a factor, which the Hubble constant is a part of: the comoving distance squared over E(z) (Hogg 1999, astro-ph/9905116, eq. 28). */
const volumeElement =
  (cosmology: Cosmology) =>
  (z: number): number =>
    comovingDistance(cosmology, z) ** 2 / Math.sqrt(cosmology.matter * (1 + z) ** 3 + 1 - cosmology.matter);

/** By the trapezium rule. */
function tabulated(density: (x: number) => number, [low, high]: Range): Table {
  const step = (high - low) / STEPS;
  const cumulative = new Float64Array(STEPS + 1);
  for (let i = 1; i <= STEPS; i++)
    cumulative[i] = cumulative[i - 1]! + density(low + (i - 1) * step) + density(low + i * step);
  const total = cumulative[STEPS]!;
  if (total > 0) for (let i = 1; i <= STEPS; i++) cumulative[i]! /= total;
  return { low, step, cumulative };
}

function inverse({ low, step, cumulative }: Table, u: number): number {
  let [a, b] = [0, STEPS];
  while (b - a > 1) {
    const middle = (a + b) >> 1;
    if (cumulative[middle]! <= u) a = middle;
    else b = middle;
  }
  const rise = cumulative[b]! - cumulative[a]!;
  return low + step * (a + (rise > 0 ? (u - cumulative[a]!) / rise : 0));
}
