/** Draws from a recipe's distributions. */
import type { Draws } from "../../foundation/random.ts";
import { type Cosmology, comovingDistance, PLANCK15 } from "../cosmology.ts";
import type { Distribution, Range, Relation } from "./distribution.ts";

/** Quantities that relations may follow, by name. */
export type Known = Readonly<Record<string, number>>;

const NOTHING: Known = {};

/** One draw. @param known quantities that a relation may follow */
export function draw(d: Draws, from: Distribution, known: Known = NOTHING): number {
  if (typeof from === "number") return from;
  if ("uniform" in from) return d.uniform(from.uniform[0], from.uniform[1]);
  if ("normal" in from) return kept(d.normal(from.normal[0], from.normal[1]), from.within);
  if ("relation" in from) return kept(related(d, from, known[from.on]!), from.within);
  if ("logUniform" in from) return d.logUniform(from.logUniform[0], from.logUniform[1]);
  if ("poisson" in from) return kept(d.poisson(from.poisson), from.within);
  if ("integers" in from) return d.integer(from.integers[0], from.integers[1]);
  if ("lognormal" in from)
    return kept(from.lognormal[0] * Math.exp(d.normal(0, from.lognormal[1])), from.within);
  if ("powerLaw" in from) return powerLaw(d.uniform(), from.powerLaw, from.within);
  if ("counts" in from) return counts(d.uniform(), from.counts, from.within);
  if ("choice" in from) return Number(chosen(d, from.choice));
  return inverse(tableOf(from), d.uniform());
}

const kept = (value: number, within: Range | undefined): number =>
  within === undefined ? value : Math.min(within[1], Math.max(within[0], value));

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
/** Each of a recipe's distributions is tabulated once, for as long as the recipe lives. */
const tables = new WeakMap<object, Table>();

type Tabulated = Extract<Distribution, { schechter: unknown } | { volume: unknown }>;

function tableOf(from: Tabulated): Table {
  const known = tables.get(from);
  if (known) return known;
  const table =
    "volume" in from
      ? tabulated(volumeElement(PLANCK15), from.volume)
      : tabulated(schechterOf(from.schechter), from.within);
  tables.set(from, table);
  return table;
}

const schechterOf =
  ({ alpha, beta, scale }: { alpha: number; beta: number; scale: number }) =>
  (x: number): number =>
    (x / scale) ** alpha * Math.exp(-((x / scale) ** beta)) * (scale / x);

/** dV / dz up to a factor: the comoving distance squared over E(z) (Hogg 1999, astro-ph/9905116, eq. 28). */
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
