/** The smooth selection function: its terms by hand, a known one recovered, its intervals, its judgement held out. */
import { expect, test } from "vitest";
import { sigmoid } from "../../../src/evaluate/combination/log-odds.ts";
import { fitLogistic } from "../../../src/evaluate/combination/logistic.ts";
import { clusteredRows } from "../../../src/evaluate/selection/clustered.ts";
import { heldOut } from "../../../src/evaluate/selection/held-out.ts";
import { propertyOf } from "../../../src/evaluate/selection/properties.ts";
import { fitSmooth, meanSmooth, possibleKnots, smoothAt } from "../../../src/evaluate/selection/smooth.ts";
import { scaledProperty, termsAt, termsOf } from "../../../src/evaluate/selection/terms.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { slow } from "../../slow.ts";

slow("fits eighty models");

const property = (name: string, knots: number[], centre = 0, scale = 1) => ({
  ...{ property: name, transform: "none" as const, centre, scale, knots },
  ...{ low: -9, high: 9 },
});

test("terms: constant, u, a restricted cubic spline and the product, by hand", () => {
  const properties = [property("a", [-1, 0, 2]), property("b", [], 10, 2)];
  const terms = termsOf(properties);
  expect(terms.map(({ kind }) => kind)).toEqual(["constant", "linear", "spline", "linear", "product"]);
  // At u = 1: [(1 + 1)³ − (1 − 0)³ (2 + 1) / 2 + 0] / 3² = (8 − 1.5) / 9
  expect(termsAt(properties, terms, [1, 14])).toEqual([1, 1, expect.closeTo(6.5 / 9, 12), 2, 2]);
  // Beyond the last knot it is a straight line, before the first it is 0.
  const spline = (u: number) => termsAt(properties, terms, [u, 10])[2]!;
  expect(spline(5) - spline(4)).toBeCloseTo(spline(4) - spline(3), 12);
  expect(spline(-3)).toBe(0);
});

test("a property is centred and scaled in its transform, and has no knots where it comes in steps", () => {
  const column = { ...propertyOf("theta_e"), values: Float64Array.of(1, Math.E ** 2, 50) };
  const { centre, scale, low, high } = scaledProperty(column, [0, 1], 0)!;
  expect([centre, scale, low]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12), 1]);
  expect(high).toBeCloseTo(Math.E ** 2, 12);
  expect(scaledProperty({ ...column, values: Float64Array.of(2, 2) }, [0, 1], 4)).toBeNull();
  const steps = { ...column, values: Float64Array.from({ length: 40 }, (_, k) => 1 + (k % 2)) };
  expect(scaledProperty(steps, [...steps.values.keys()], 4)!.knots).toEqual([]);
});

test("a row that counts twice is two rows", () => {
  const once = fitLogistic([[0, 1, 2, 2, 3]], [0, 1, 0, 0, 1], [[1]]);
  const twice = fitLogistic([[0, 1, 2, 3]], [0, 1, 0, 1], [[1]], [1, 1, 2, 1]);
  expect(twice.weights[0]).toBeCloseTo(once.weights[0]!, 9);
  expect(twice.intercept).toBeCloseTo(once.intercept, 9);
});

/** Found with odds that fall off below 1.2 arcsec and at low signal-to-noise, and bend in both. */
const truth = (thetaE: number, snr: number) =>
  sigmoid(-1 + 3 * Math.log(thetaE) - 1.5 * Math.log(thetaE) ** 2 + 1.2 * Math.log(snr / 50));

function injected(seed: number, count: number, perGroup = 1) {
  const draws = new Draws(seed);
  const [radius, snr] = [new Float64Array(count), new Float64Array(count)];
  const found = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    radius[row] = draws.logUniform(0.6, 3.5);
    snr[row] = draws.logUniform(15, 200);
    found[row] = Number(draws.chance(truth(radius[row]!, snr[row]!)));
  }
  const groups = Array.from({ length: count }, (_, row) => Math.floor(row / perGroup));
  return {
    columns: [
      { ...propertyOf("theta_e"), values: radius },
      { ...propertyOf("arc_snr"), values: snr },
    ],
    rows: clusteredRows(found, new Float64Array(count).fill(1), groups),
    all: Array.from({ length: count }, (_, row) => row),
  };
}

const POINTS = [
  [0.8, 30],
  [1, 100],
  [1.5, 50],
  [2, 150],
  [3, 40],
] as const;

test("a known selection function is recovered, and predictions held out are right", () => {
  const { columns, rows, all } = injected(1, 3000);
  expect(possibleKnots(2, rows, all)).toEqual([4, 3, 0]);
  const model = fitSmooth(columns, rows, all, 4);
  expect(model.coefficients).toHaveLength(8);
  for (const [thetaE, snr] of POINTS)
    expect(
      Math.abs(smoothAt(model, [thetaE, snr]).value - truth(thetaE, snr)),
      `${thetaE} ${snr}`,
    ).toBeLessThan(0.06);
  const { judged, predicted } = heldOut(columns, rows, all, 4, 0)!;
  expect(Math.abs(judged.slope.value - 1)).toBeLessThan(0.1);
  expect(judged.slope.low).toBeLessThan(1);
  expect(judged.slope.high).toBeGreaterThan(1);
  expect(judged.logLoss).toBeLessThan(judged.logLossOfShare - 0.05);
  // Of ten bins one or none misses.
  const holds = judged.bins.filter(({ predicted: p, interval }) => p >= interval.low && p <= interval.high);
  expect(holds.length).toBeGreaterThanOrEqual(8);
  expect(judged.bins.reduce((sum, { count }) => sum + count, 0)).toBe(3000);
  expect(predicted.every((p) => p > 0 && p < 1)).toBe(true);
});

// Of 300 intervals 285 are expected to hold.
test("the fit's intervals cover the truth", () => {
  let held = 0;
  for (let seed = 0; seed < 60; seed++) {
    const { columns, rows, all } = injected(100 + seed, 500);
    const model = fitSmooth(columns, rows, all, 3);
    for (const [thetaE, snr] of POINTS) {
      const { low, high } = smoothAt(model, [thetaE, snr]);
      if (low <= truth(thetaE, snr) && high >= truth(thetaE, snr)) held++;
    }
  }
  expect(held).toBeGreaterThanOrEqual(272);
  expect(held).toBeLessThanOrEqual(298);
});

test("each injection given twice, as one group, has the errors of the injections themselves", () => {
  const once = injected(3, 500);
  const model = fitSmooth(once.columns, once.rows, once.all, 0);
  const double = once.all.flatMap((row) => [row, row]);
  const groups = once.all.flatMap((row) => [row, row]);
  const columns = once.columns.map((column) => ({
    ...column,
    values: Float64Array.from(double, (row) => column.values[row]!),
  }));
  const found = Uint8Array.from(double, (row) => once.rows.found[row]!);
  const rows = clusteredRows(found, new Float64Array(1000).fill(1), groups);
  const twice = fitSmooth(columns, rows, [...double.keys()], 0);
  // But for the ridge, which weighs half as much.
  for (const [k, line] of model.covariance.entries())
    expect(Math.abs(Math.sqrt(twice.covariance[k]![k]! / line[k]!) - 1)).toBeLessThan(0.03);
});

test("the mean over lenses is the mean of the model, and its interval holds it", () => {
  const { columns, rows, all } = injected(4, 1500);
  const model = fitSmooth(columns, rows, all, 3);
  const lenses = POINTS.map(([thetaE, snr]) => [thetaE, snr]);
  const mean = lenses.reduce((sum, values) => sum + smoothAt(model, values).value / 5, 0);
  const got = meanSmooth(model, lenses)!;
  expect(got.value).toBeCloseTo(mean, 12);
  expect(got.low).toBeLessThan(mean);
  expect(got.high).toBeGreaterThan(mean);
  // Of one lens it is the model's own, whose interval is on the same log odds.
  const [one] = [smoothAt(model, lenses[0]!)];
  const single = meanSmooth(model, lenses.slice(0, 1))!;
  expect(single.low).toBeCloseTo(one.low, 12);
  expect(single.high).toBeCloseTo(one.high, 12);
  expect(meanSmooth(model, [])).toBeNull();
});

test("a model may bend only where enough was found and missed", () => {
  const of = (found: number, count: number) => {
    const rows = clusteredRows(
      Uint8Array.from({ length: count }, (_, k) => Number(k < found)),
      new Float64Array(count).fill(1),
      Array.from({ length: count }, (_, k) => k),
    );
    return possibleKnots(2, rows, [...rows.found.keys()]);
  };
  // Two properties have 7 terms beside the constant with four knots, 5 with three, 3 with none.
  expect([of(70, 1000), of(69, 1000), of(950, 1000), of(970, 1000), of(971, 1000)]).toEqual([
    [4, 3, 0],
    [3, 0],
    [3, 0],
    [0],
    [],
  ]);
});
