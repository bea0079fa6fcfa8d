import { describe, expect, test } from "vitest";
import { uniteFriends } from "../../../../src/dataset/splitting/grouping/sky.ts";
import { type Positions, separation } from "../../../../src/dataset/splitting/grouping/sphere-grid.ts";
import { Union } from "../../../../src/dataset/splitting/grouping/union.ts";
import type { Compared } from "../../../../src/dataset/splitting/leaks/leak.ts";
import { nearOnSky } from "../../../../src/dataset/splitting/leaks/near-sky.ts";
import { Draws } from "../../../../src/foundation/random.ts";

const ARCSEC = 1 / 3600;
const at = (...points: [ra: number, dec: number][]): Positions => ({
  ra: Float64Array.from(points, ([ra]) => ra),
  dec: Float64Array.from(points, ([, dec]) => dec),
});

/** The number of each row's set, counted in the order of first rows. */
function groups(positions: Positions, radius: number): number[] {
  const n = positions.ra.length;
  const union = new Union(n);
  uniteFriends(union, positions, radius);
  const numbers = new Map<number, number>();
  return Array.from({ length: n }, (_, i) => {
    const root = union.find(i);
    if (!numbers.has(root)) numbers.set(root, numbers.size);
    return numbers.get(root)!;
  });
}

/** Positions in small clumps, half of them around a pole or the meridian. */
function clumped(n: number, seed: number): Positions {
  const draws = new Draws(seed);
  const points: [number, number][] = [];
  while (points.length < n) {
    const dec = draws.chance(0.5) ? 90 - draws.uniform(0, 0.01) : draws.uniform(-80, 80);
    const ra = draws.chance(0.3) ? draws.uniform(-0.001, 0.001) : draws.uniform(0, 360);
    for (let k = 0; k < 4; k++)
      points.push([
        ra + draws.uniform(0, 20 * ARCSEC) / Math.max(0.05, Math.cos((dec * Math.PI) / 180)),
        Math.min(90, dec + draws.uniform(0, 20 * ARCSEC)),
      ]);
  }
  return at(...points.slice(0, n));
}

describe("friends of friends", () => {
  test("2 arcsec across 0° of right ascension are friends, 2 arcsec in right ascension at 60° are one on the sky", () => {
    expect(groups(at([360 - ARCSEC, 0], [ARCSEC, 0]), 2.01)).toEqual([0, 0]);
    expect(groups(at([360 - ARCSEC, 0], [ARCSEC, 0]), 1.99)).toEqual([0, 1]);
    expect(groups(at([10, 60], [10 + 2 * ARCSEC, 60]), 1.01)).toEqual([0, 0]);
    expect(groups(at([10, 60], [10 + 2 * ARCSEC, 60]), 0.99)).toEqual([0, 1]);
    expect(groups(at([-ARCSEC, 0], [360 - ARCSEC, 0]), 0.01)).toEqual([0, 0]);
  });

  test("opposite right ascensions an arcsecond from the pole are two arcseconds apart", () => {
    for (const sign of [1, -1]) {
      const pair = at([0, sign * (90 - ARCSEC)], [180, sign * (90 - ARCSEC)]);
      expect(separation(pair, 0, 1)).toBeCloseTo(2, 6);
      expect(groups(pair, 2.01)).toEqual([0, 0]);
      expect(groups(pair, 1.99)).toEqual([0, 1]);
    }
  });

  test("a chain of friends is one group even if its ends are far apart, and a gap ends it", () => {
    const chain = Array.from({ length: 50 }, (_, k): [number, number] => [150, k * 4.9 * ARCSEC]);
    expect(new Set(groups(at(...chain), 5)).size).toBe(1);
    const gap = chain.map(([ra, dec], k): [number, number] => [ra, dec + (k < 20 ? 0 : ARCSEC)]);
    expect(groups(at(...gap), 5)).toEqual(chain.map((_, k) => (k < 20 ? 0 : 1)));
  });

  test("gives what comparing all pairs gives, at the pole and the meridian too", () => {
    for (const seed of [1, 2, 3]) {
      const positions = clumped(600, seed);
      const n = positions.ra.length;
      const union = new Union(n);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < i; j++) if (separation(positions, i, j) <= 8) union.unite(i, j);
      const numbers = new Map<number, number>();
      const expected = Array.from({ length: n }, (_, i) => {
        const root = union.find(i);
        if (!numbers.has(root)) numbers.set(root, numbers.size);
        return numbers.get(root)!;
      });
      expect(numbers.size).toBeLessThan(n);
      expect(groups(positions, 8)).toEqual(expected);
    }
  });

  test("rows without a position stay alone, and many rows may share one position", () => {
    expect(groups(at([Number.NaN, Number.NaN], [Number.NaN, Number.NaN], [1, 1]), 5)).toEqual([0, 1, 2]);
    // Compared with each other, so many rows would take longer than a test may.
    const many = { ra: new Float64Array(1_000_000), dec: new Float64Array(1_000_000) };
    expect(new Set(groups(many, 5)).size).toBe(1);
  });
});

describe("positions that datasets share", () => {
  const compared = (positions: Positions, splits: ("train" | "test")[]): Compared => ({
    name: "a",
    count: positions.ra.length,
    ids: null,
    groups: null,
    hashes: null,
    splits,
    positions,
  });

  test("every row with a partner in another split or dataset is listed, and no other", () => {
    const positions = clumped(600, 9);
    const draws = new Draws(4);
    const splits = Array.from(positions.ra, () => (draws.chance(0.5) ? "train" : "test") as "train" | "test");
    const a = compared(positions, splits);
    const leaks = nearOnSky([a], 8);
    const listed = new Set(leaks.flatMap((leak) => [leak.a.row, leak.b.row]));
    const expected = new Set<number>();
    for (let i = 0; i < 600; i++)
      for (let j = 0; j < 600; j++)
        if (splits[i] !== splits[j] && separation(positions, i, j) <= 8) expected.add(i);
    expect(listed).toEqual(expected);
    for (const { a: one, b, value } of leaks) {
      expect(splits[one.row]).not.toBe(splits[b.row]);
      expect(value).toBeLessThanOrEqual(8 + 1e-6);
      expect(value).toBeCloseTo(separation(positions, one.row, b.row), 9);
    }
  });

  test("between two datasets the split does not matter", () => {
    const one = compared(at([10, 5]), ["train"]);
    const other = compared(at([50, 5], [10, 5 + ARCSEC]), ["train", "train"]);
    expect(nearOnSky([one, other], 1.5)).toMatchObject([
      { kind: "position", a: { row: 0 }, b: { row: 1 }, value: expect.closeTo(1, 6) },
    ]);
    expect(nearOnSky([one, other], 0.5)).toEqual([]);
  });
});
