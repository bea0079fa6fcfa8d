/**
 * The terms of the smooth selection function: restricted cubic splines of each property, and products of two.
 *
 * A property x becomes u = (t(x) − centre) / scale, t being the natural logarithm or x itself. Its terms are u and, with
 * knots k₁ < … < k_m, for j = 1 … m − 2 the restricted cubic spline (Harrell 2015, Regression Modeling Strategies, section
 * 2.4.5), which is linear beyond the outer knots:
 *
 *   s_j(u) = [ (u − k_j)₊³ − (u − k_{m−1})₊³ (k_m − k_j) / (k_m − k_{m−1})
 *              + (u − k_m)₊³ (k_{m−1} − k_j) / (k_m − k_{m−1}) ] / (k_m − k₁)²
 *
 * and for each pair of properties there is the product of their u.
 */
import { quantile } from "../../foundation/statistics.ts";
import type { Property, PropertyColumn } from "./properties.ts";

/** A property as the model takes it. */
export interface ScaledProperty {
  readonly property: string;
  readonly transform: Property["transform"];
  readonly centre: number;
  readonly scale: number;
  /** Of u, ascending; none where the model is linear in u. */
  readonly knots: readonly number[];
  /** Smallest and largest value of the injections: beyond them the model is extrapolated. */
  readonly low: number;
  readonly high: number;
}

/** A term of the log odds; properties by their index, splines by j from 1. */
export type Term =
  | { readonly kind: "constant" }
  | { readonly kind: "linear"; readonly of: number }
  | { readonly kind: "spline"; readonly of: number; readonly j: number }
  | { readonly kind: "product"; readonly of: readonly [number, number] };

/** Where knots are: the parts that Harrell's table 2.3 gives for so many. */
const KNOTS: Record<number, readonly number[]> = { 3: [0.1, 0.5, 0.9], 4: [0.05, 0.35, 0.65, 0.95] };

/**
 * @param rows those that the model is fitted on
 * @param knots 4, 3, or 0 for a model that is linear in u
 * @returns null for a property that has one value
 */
export function scaledProperty(
  { name, transform, values }: PropertyColumn,
  rows: readonly number[],
  knots: number,
): ScaledProperty | null {
  const own = Float64Array.from(rows, (row) => values[row]!).sort();
  const taken = own.map((value) => transformed(transform, value));
  const centre = taken.reduce((sum, value) => sum + value, 0) / taken.length;
  const scale = Math.sqrt(taken.reduce((sum, value) => sum + (value - centre) ** 2, 0) / taken.length);
  if (!(scale > 1e-12 * Math.max(1, Math.abs(centre)))) return null;
  const scaled = taken.map((value) => (value - centre) / scale);
  const places = (KNOTS[knots] ?? []).map((part) => quantile(scaled, part));
  // Values that come in few steps have no distinct knots.
  const distinct = places.every((place, k) => k === 0 || place > places[k - 1]! + 1e-9);
  return {
    property: name,
    transform,
    centre,
    scale,
    knots: distinct ? places : [],
    low: own[0]!,
    high: own.at(-1)!,
  };
}

export function termsOf(properties: readonly ScaledProperty[]): Term[] {
  const own = properties.flatMap(({ knots }, of): Term[] => [
    { kind: "linear", of },
    ...Array.from(
      { length: Math.max(0, knots.length - 2) },
      (_, k): Term => ({ kind: "spline", of, j: k + 1 }),
    ),
  ]);
  const products = properties.flatMap((_, a) =>
    properties.slice(a + 1).map((__, b): Term => ({ kind: "product", of: [a, a + 1 + b] })),
  );
  return [{ kind: "constant" }, ...own, ...products];
}

/** The terms' values for one lens. @param values of the properties, in their order and own units */
export function termsAt(
  properties: readonly ScaledProperty[],
  terms: readonly Term[],
  values: readonly number[],
): number[] {
  const u = properties.map(
    ({ transform, centre, scale }, k) => (transformed(transform, values[k]!) - centre) / scale,
  );
  return terms.map((term) => {
    if (term.kind === "constant") return 1;
    if (term.kind === "product") return u[term.of[0]]! * u[term.of[1]]!;
    if (term.kind === "linear") return u[term.of]!;
    return spline(properties[term.of]!.knots, term.j, u[term.of]!);
  });
}

const transformed = (transform: Property["transform"], value: number): number =>
  transform === "log" ? Math.log(value) : value;

function spline(knots: readonly number[], j: number, u: number): number {
  const [first, before, last] = [knots[0]!, knots.at(-2)!, knots.at(-1)!];
  const knot = knots[j - 1]!;
  const cube = (from: number) => Math.max(0, u - from) ** 3;
  const bent =
    cube(knot) -
    (cube(before) * (last - knot)) / (last - before) +
    (cube(last) * (before - knot)) / (last - before);
  return bent / (last - first) ** 2;
}
