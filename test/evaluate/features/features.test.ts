import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { nearestRows } from "../../../src/evaluate/features/neighbours.ts";
import { principal } from "../../../src/evaluate/features/pca.ts";
import { linearProbe } from "../../../src/evaluate/features/probe.ts";
import { umap } from "../../../src/evaluate/features/umap.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { embeddingFigure } from "../../../src/pictures/embedding-figure.ts";
import { tensor } from "../../../src/torch/create.ts";
import { liveTensors } from "../../../src/torch/scope.ts";
import { settledTensors } from "../../torch/leaks.ts";

test("principal components by hand: a cross, longer along x, moved and then turned by 30 degrees", () => {
  const cross = [
    [2, 0],
    [-2, 0],
    [0, 1],
    [0, -1],
  ];
  for (const angle of [0, Math.PI / 6]) {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const turned = cross.map(([x, y]) => [5 + c * x! - s * y!, -3 + s * x! + c * y!]);
    const x = tensor(Float64Array.from(turned.flat()), [4, 2]);
    const { coordinates, shares, spread } = principal(x, 2);
    x.dispose();
    // Σx² = 8, Σy² = 2
    expect(shares[0]).toBeCloseTo(0.8, 12);
    expect(shares[1]).toBeCloseTo(0.2, 12);
    expect(spread).toBeCloseTo(Math.sqrt(10 / 4), 12);
    const expected = [2, 0, -2, 0, 0, 1, 0, -1];
    coordinates.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 10);
    });
  }
});

test("components of features that never vary are zero, not NaN", () => {
  const x = tensor(new Float64Array(12).fill(3), [4, 3]);
  const { coordinates, shares } = principal(x, 2);
  x.dispose();
  expect([...coordinates]).toEqual(new Array(8).fill(0));
  expect(shares).toEqual([0, 0]);
});

/** Two samples of 3 features, `apart` standard deviations from each other along the first. */
function samples(apart: number, each = 120, seed = 4) {
  const d = new Draws(seed);
  const labels = Uint8Array.from({ length: 2 * each }, (_, i) => Number(i >= each));
  const values = Float64Array.from({ length: 6 * each }, (_, i) =>
    d.normal(i % 3 === 0 && i >= 3 * each ? apart : 0, 1),
  );
  const groups = Array.from(labels, (label, i) => `${label} ${i >> 1}`);
  return { x: tensor(values, [2 * each, 3]), labels, groups };
}

test("the probe tells samples that are far apart, partly those that are close, and not those that are the same", async () => {
  const before = await settledTensors();
  const probed = async (apart: number, seed?: number) => {
    const { x, labels, groups } = samples(apart, 120, seed);
    try {
      return await linearProbe(x, labels, groups, { folds: 4, seed: 1 });
    } finally {
      x.dispose();
    }
  };
  const [far, near] = [await probed(6), await probed(1.2)];
  expect(far.auroc).toBeGreaterThan(0.999);
  expect(far.counts).toEqual([120, 120]);
  // Two unit normals, d apart: AUROC Φ(d / √2) = Φ(0.849) = 0.802
  expect(near.low).toBeLessThan(0.802);
  expect(near.high).toBeGreaterThan(0.802);
  expect(near.high - near.low).toBeLessThan(0.16);
  // An AUROC of 120 against 120 that are the same has a standard deviation of 0.037; the mean of nine, a third of it.
  let sum = 0;
  for (let seed = 0; seed < 9; seed++) sum += (await probed(0, seed)).auroc;
  expect(Math.abs(sum / 9 - 0.5)).toBeLessThan(0.04);
  expect(liveTensors()).toBeLessThanOrEqual(before);
});

test("a kind of fewer groups than folds is refused", async () => {
  const { x, labels, groups } = samples(1, 6); // three groups each
  await expect(linearProbe(x, labels, groups, { folds: 4, seed: 0 })).rejects.toThrow(
    "probe: rows of kind 0 must be of 4 groups or more, one a fold, got 3",
  );
  x.dispose();
});

test("neighbours by cosine: direction counts, length does not, the row itself is left out", () => {
  const features = Float32Array.of(1, 0, 5, 0, 0, 1, -1, 0, 1, 1, 0, 0);
  const neighbours = nearestRows(features, 2, 0, 9);
  expect(neighbours.map(({ row }) => row)).toEqual([1, 4, 2, 5, 3]);
  const expected = [0, 1 - Math.SQRT1_2, 1, 1, 2];
  neighbours.forEach(({ distance }, k) => {
    expect(distance).toBeCloseTo(expected[k]!, 7);
  });
  expect(nearestRows(features, 2, 0, 2)).toHaveLength(2);
});

test("UMAP: one seed gives one picture, and clouds that are apart stay apart", async () => {
  const d = new Draws(8);
  const points = Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: 5 }, (_, f) => d.normal(f === 0 && i >= 30 ? 40 : 0, 1)),
  );
  const [one, again, other] = await Promise.all(
    [1, 1, 2].map((seed) => umap(points, { neighbours: 8, seed })),
  );
  expect([...again!]).toEqual([...one!]);
  expect([...other!]).not.toEqual([...one!]);
  expect(one).toHaveLength(120);
  const near = (i: number) => {
    const by = (j: number) => Math.hypot(one![2 * i]! - one![2 * j]!, one![2 * i + 1]! - one![2 * j + 1]!);
    return [...points.keys()].filter((j) => j !== i).sort((a, b) => by(a) - by(b))[0]!;
  };
  for (const i of points.keys()) expect(near(i) >= 30, `point ${i}`).toBe(i >= 30);
  await expect(umap(points.slice(0, 3), { neighbours: 2, seed: 0 })).rejects.toThrow(/four or more/);
});

const points = {
  domains: ["source", "target"],
  domainOf: Uint8Array.of(0, 0, 1),
  classes: ["other", "lens"],
  classOf: Int32Array.of(0, 1, -1),
};
const options = { title: "PCA", xLabel: "first →", yLabel: "↑ second", ticks: true };
const before = { name: "before", coordinates: Float64Array.of(0, 0, 1, 1, 4, 2), note: "70 %" };

test("the figure has a column a run, every point once by domain and once by class, and all names", () => {
  const after = { name: "after", coordinates: Float64Array.of(0, 1, 1, 0, 1, 1) };
  const svg = embeddingFigure([before, after], points, options);
  const root = parseHTML(`<html><body>${svg}</body></html>`).document;
  const texts = [...root.querySelectorAll("text")].map((node) => node.textContent);
  for (const word of ["before", "after", "by domain", "by class", "70 %", "first →", "↑ second"])
    expect(texts).toContain(word);
  for (const word of ["source", "target", "other", "lens", "class not read"]) expect(texts).toContain(word);
  expect(root.querySelectorAll('g[aria-label="dot"] circle')).toHaveLength(2 * 2 * 3);
  expect(root.querySelectorAll('g[aria-label="legend"] circle')).toHaveLength(5);
  expect(svg).not.toContain("NaN");
});

test("lengths are the same along both axes", () => {
  const svg = embeddingFigure([before], points, options);
  const circles = [
    ...parseHTML(`<html><body>${svg}</body></html>`).document.querySelectorAll('g[aria-label="dot"] circle'),
  ];
  const at = circles.map((circle) => [Number(circle.getAttribute("cx")), Number(circle.getAttribute("cy"))]);
  // The first two circles are the source's, (0, 0) and (1, 1).
  const [dx, dy] = [at[1]![0]! - at[0]![0]!, at[0]![1]! - at[1]![1]!];
  expect(dx).toBeGreaterThan(20);
  expect(dx / dy).toBeCloseTo(1, 2);
});

test("without a known class there is no row of classes; coordinates must fit, names differ", () => {
  const unknown = { ...points, classOf: Int32Array.of(-1, -1, -1) };
  expect(embeddingFigure([before], unknown, options)).not.toContain("by class");
  expect(() => embeddingFigure([before, before], points, options)).toThrow(/different names/);
  const short = { name: "x", coordinates: new Float64Array(4) };
  expect(() => embeddingFigure([short], points, options)).toThrow(
    /coordinates of x must be two of each of 3/,
  );
});
