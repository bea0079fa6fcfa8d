import { expect, test } from "vitest";
import { controlledRisk } from "../../src/adapt/validators/dev.ts";
import { mixedPairs } from "../../src/adapt/validators/mixval.ts";
import { DEFAULT_VALIDATOR, validators } from "../../src/adapt/validators/registry.ts";
import type { ValidatorInput } from "../../src/adapt/validators/validator.ts";
import { tensor, zeros } from "../../src/torch/create.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

/** Logits whose softmax are the given probabilities. */
const logitsOf = (p: number[][]): Tensor => tensor(p.map((row) => row.map((x) => Math.log(x))));

const input = (more: Partial<ValidatorInput>): ValidatorInput => ({
  sourceLogits: zeros([2, 2]),
  sourceLabels: tensor([0, 1], [2], { dtype: "int64" }),
  sourceFeatures: zeros([2, 1]),
  targetLogits: zeros([2, 2]),
  targetFeatures: zeros([2, 1]),
  mixedLogits: tensor([]),
  gradedLogits: tensor([]),
  gradedLabels: tensor([]),
  prior: [0.5, 0.5],
  ...more,
});

const score = (name: string, more: Partial<ValidatorInput>) => validators.find(name).score(input(more));
const labels = (list: number[]) => tensor(list, [list.length], { dtype: "int64" });

test("source-auroc: 3 of 4 pairs in order, and half a pair for a tie", () => {
  const p = [0.9, 0.4, 0.6, 0.1].map((x) => [1 - x, x]);
  // positives 0.9 and 0.4 against 0.6 and 0.1: three of the four pairs are in order
  expect(score("source-auroc", { sourceLogits: logitsOf(p), sourceLabels: labels([1, 1, 0, 0]) })).toBe(0.75);
  const tied = [0.9, 0.4, 0.4, 0.1].map((x) => [1 - x, x]);
  expect(score("source-auroc", { sourceLogits: logitsOf(tied), sourceLabels: labels([1, 1, 0, 0]) })).toBe(
    0.875,
  );
});

test("source-auroc of three classes is the mean of one against the rest; an absent class is left out", () => {
  const p = [
    [0.7, 0.2, 0.1],
    [0.2, 0.3, 0.5],
    [0.1, 0.6, 0.3],
    [0.5, 0.45, 0.05],
  ];
  // class 0: positive .7 against .2 .1 .5 → 1; class 1: .3 .6 against .2 .45 → 3/4; class 2: .05 against .1 .5 .3 → 0
  const three = score("source-auroc", { sourceLogits: logitsOf(p), sourceLabels: labels([0, 1, 1, 2]) });
  expect(three).toBeCloseTo((1 + 3 / 4 + 0) / 3, 12);
  const two = score("source-auroc", { sourceLogits: logitsOf(p), sourceLabels: labels([0, 1, 1, 1]) });
  // class 1 now: .3 .6 .45 against .2 → 1
  expect(two).toBeCloseTo(1, 12);
  expect(() => score("source-auroc", { sourceLabels: labels([1, 1]) })).toThrow("at least two classes");
});

test("source-auroc of scores that are not numbers is NaN, and does not loop for ever", () => {
  const sourceLogits = tensor([
    [Number.NaN, 0],
    [0, Number.NaN],
  ]);
  expect(score("source-auroc", { sourceLogits, sourceLabels: labels([0, 1]) })).toBeNaN();
});

/** graded-auroc of rows with these probabilities and labels of the second class. */
const graded = (p: number[], lens: number[]) =>
  score("graded-auroc", {
    gradedLogits: logitsOf(p.map((x) => [1 - x, x])),
    gradedLabels: tensor(lens.map((x) => [1 - x, x])),
  });

test("graded-auroc of sure labels is the AUROC", () => {
  expect(graded([0.9, 0.4, 0.6, 0.1], [1, 1, 0, 0])).toBe(0.75);
  expect(graded([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])).toBe(0.875);
});

test("graded-auroc weighs each pair by how surely it is one of a lens and of another", () => {
  // Of labels 1, 1/2 and 0: the pairs (first, second) weigh 1/2, (first, third) 1 and (second, third) 1/2.
  const labels = [1, 0.5, 0];
  expect(graded([0.9, 0.6, 0.3], labels)).toBe(1);
  expect(graded([0.6, 0.9, 0.3], labels)).toBe(0.75);
  expect(graded([0.6, 0.6, 0.3], labels)).toBe(0.875);
  // (first, second) weighs 0.8 · 0.6, (second, first) 0.4 · 0.2: 6/7 is the most that any network gets.
  expect(graded([0.9, 0.2], [0.8, 0.4])).toBeCloseTo(6 / 7, 6);
  expect(graded([0.2, 0.9], [0.8, 0.4])).toBeCloseTo(1 / 7, 6);
});

test("graded-auroc refuses rows of one class and a lone row, and is NaN for scores that are not numbers", () => {
  expect(() => graded([0.9, 0.2], [1, 1])).toThrow("at least two classes");
  expect(() => graded([0.9], [0.3])).toThrow("at least two classes");
  expect(graded([Number.NaN, 0.5], [1, 0])).toBeNaN();
});

test("entropy: minus the mean over images, 0 for certainty", () => {
  const p = [
    [0.5, 0.5],
    [0.25, 0.75],
  ];
  const expected = -(Math.log(2) - 0.25 * Math.log(0.25) - 0.75 * Math.log(0.75)) / 2;
  expect(score("entropy", { targetLogits: logitsOf(p) })).toBeCloseTo(expected, 6);
  expect(score("entropy", { targetLogits: tensor([[1000, -1000]]) })).toBeCloseTo(0, 12);
});

test("infomax with a uniform prior is the mutual information minus log K", () => {
  const p = [
    [0.9, 0.1],
    [0.3, 0.7],
  ];
  const h = (q: number[]) => -q.reduce((sum, x) => sum + x * Math.log(x), 0);
  const information = h([0.6, 0.4]) - (h(p[0]!) + h(p[1]!)) / 2;
  expect(score("infomax", { targetLogits: logitsOf(p) })).toBeCloseTo(information - Math.log(2), 6);
});

test("infomax prefers confident predictions at the expected prevalence, not balanced ones", () => {
  const sure = (lenses: number) =>
    tensor(Array.from({ length: 100 }, (_, i) => (i < lenses ? [-20, 20] : [20, -20])));
  const at = (lenses: number, prior: number[]) => score("infomax", { targetLogits: sure(lenses), prior });
  expect(at(2, [0.98, 0.02])).toBeCloseTo(0, 6);
  // KL(1/2, 1/2 ‖ 0.98, 0.02)
  expect(at(50, [0.98, 0.02])).toBeCloseTo(-0.5 * (Math.log(0.5 / 0.98) + Math.log(0.5 / 0.02)), 6);
  expect(at(50, [0.5, 0.5])).toBeGreaterThan(at(2, [0.5, 0.5]));
  // A collapse into one class is confident and wrong.
  expect(at(0, [0.7, 0.3])).toBeCloseTo(Math.log(0.7), 6);
});

test("snd at hand-computed similarities", () => {
  // Two predictions on one axis and one on the other, certain: cosines 1, 0, 0 between the pairs.
  const targetLogits = tensor([
    [1000, -1000],
    [1000, -1000],
    [-1000, 1000],
  ]);
  // Rows 1 and 2: neighbours at similarity 1/0.05 and 0; row 3: two at 0.
  const near = 1 / (1 + Math.exp(-20));
  const far = 1 - near;
  const entropyOfNear = -near * Math.log(near) - far * Math.log(far);
  expect(score("snd", { targetLogits })).toBeCloseTo((2 * entropyOfNear + Math.log(2)) / 3, 9);
});

test("snd is log(N − 1) for N equal predictions, over several chunks, and 0 for a lone one", () => {
  expect(score("snd", { targetLogits: zeros([1200, 2]) })).toBeCloseTo(Math.log(1199), 9);
  expect(score("snd", { targetLogits: zeros([1, 2]) })).toBe(0);
});

test("snd is blind to a collapse: one cluster of all scores above two halves of it", () => {
  const sure = (split: number) =>
    tensor(Array.from({ length: 40 }, (_, i) => (i < split ? [30, -30] : [-30, 30])));
  expect(score("snd", { targetLogits: sure(40) })).toBeGreaterThan(score("snd", { targetLogits: sure(20) }));
});

test("bnm: confident predictions at the expected parts have norm 1, those of one class or unsure ones less", () => {
  const sure = (lenses: number) =>
    tensor(Array.from({ length: 100 }, (_, i) => (i < lenses ? [-40, 40] : [40, -40])));
  const at = (lenses: number, prior: number[]) => score("bnm", { targetLogits: sure(lenses), prior });
  expect(at(10, [0.9, 0.1])).toBeCloseTo(1, 9);
  // Σ √(π_k n_k / N)
  expect(at(50, [0.9, 0.1])).toBeCloseTo(Math.sqrt(0.45) + Math.sqrt(0.05), 9);
  expect(at(0, [0.9, 0.1])).toBeCloseTo(Math.sqrt(0.9), 9);
  // All rows (1/2, 1/2): one singular value, √(Σ π_k / 4) for N rows over √N.
  expect(score("bnm", { targetLogits: zeros([8, 2]), prior: [0.9, 0.1] })).toBeCloseTo(0.5, 9);
});

test("mmd: minus the discrepancy of the features, classes weighed by the expected prior", () => {
  const sourceFeatures = tensor([[0], [0], [1]]);
  const sourceLabels = labels([0, 0, 1]);
  const same = { sourceFeatures, sourceLabels, targetFeatures: tensor([[0], [1], [1]]) };
  // One zero and two ones are what the source is when its classes come as 1 : 2.
  expect(score("mmd", { ...same, prior: [1 / 3, 2 / 3] })).toBeCloseTo(0, 9);
  expect(score("mmd", { ...same, prior: [2 / 3, 1 / 3] })).toBeLessThan(-0.01);
});

test("dev: minus the source's loss if the domains are one, with more weight on what looks like the target if not", () => {
  // Features tell nothing apart: all weights are 1.
  const p = [
    [0.9, 0.1],
    [0.2, 0.8],
  ];
  const source = { sourceLogits: logitsOf(p), sourceLabels: labels([0, 1]) };
  const one = score("dev", { ...source, sourceFeatures: zeros([2, 1]), targetFeatures: zeros([4, 1]) });
  expect(one).toBeCloseTo((Math.log(0.9) + Math.log(0.8)) / 2, 5);
  // The images that are like the target are those with the larger loss.
  const features = Array.from({ length: 40 }, (_, i) => [i % 2]);
  const logits = logitsOf(features.map(([like]) => (like === 1 ? [0.5, 0.5] : [0.99, 0.01])));
  const many = {
    sourceLogits: logits,
    sourceLabels: labels(Array(40).fill(0)),
    sourceFeatures: tensor(features),
  };
  const near = score("dev", { ...many, targetFeatures: tensor(Array(40).fill([1])) });
  const far = score("dev", { ...many, targetFeatures: tensor(Array(40).fill([0])) });
  expect(near).toBeLessThan(far);
});

test("validators are found by name, with a suggestion for a near miss", () => {
  expect(validators.find(DEFAULT_VALIDATOR).name).toBe("infomax");
  expect(() => validators.find("infomx")).toThrow("did you mean infomax?");
});

test("dev: the control variate takes out the error of the weights", () => {
  // A constant loss: whatever the weights, the risk is the loss.
  expect(controlledRisk([2, 2, 2], [0.5, 1, 3])).toBeCloseTo(2, 12);
  expect(controlledRisk([1, 3], [1, 1])).toBe(2);
});

test("iwv: the mean of the weighted losses, which dev's control variate then corrects", () => {
  // Features tell nothing apart: all weights are 1, and iwv is dev.
  const p = [
    [0.9, 0.1],
    [0.2, 0.8],
  ];
  const source = { sourceLogits: logitsOf(p), sourceLabels: labels([0, 1]) };
  const alike = { ...source, sourceFeatures: zeros([2, 1]), targetFeatures: zeros([4, 1]) };
  expect(score("iwv", alike)).toBeCloseTo((Math.log(0.9) + Math.log(0.8)) / 2, 5);
  // The target is all of one kind: images of that kind have the weight w, the others v, and the loss of each kind is known.
  const features = Array.from({ length: 40 }, (_, i) => [i % 2]);
  const logits = logitsOf(features.map(([like]) => (like === 1 ? [0.5, 0.5] : [0.99, 0.01])));
  const many = {
    sourceLogits: logits,
    sourceLabels: labels(Array(40).fill(0)),
    sourceFeatures: tensor(features),
    targetFeatures: tensor(Array(40).fill([1])),
  };
  // By the same weights: dev = iwv for a loss of 1 everywhere, but for the mean weight.
  const weightOf = (loss: (like: number) => number) =>
    score("iwv", {
      ...many,
      sourceLogits: logitsOf(features.map(([like]) => [Math.exp(-loss(like!)), 1 - Math.exp(-loss(like!))])),
    });
  const near = -weightOf((like) => (like === 1 ? 1 : 1e-9)); // w / 2
  const far = -weightOf((like) => (like === 1 ? 1e-9 : 1)); // v / 2
  expect(near).toBeGreaterThan(4 * far);
  expect(score("iwv", many)).toBeCloseTo(near * Math.log(0.5) + far * Math.log(0.99), 5);
});

test("mano: the softmax's norm for sure predictions, its expansion's for others", () => {
  // Cross-entropy against equal shares: (0 + 40) / 2 is above 5. A softmax is one and zero: (1/2)^(1/4).
  const sure = tensor([
    [20, -20],
    [-20, 20],
  ]);
  expect(score("mano", { targetLogits: sure })).toBeCloseTo(0.5 ** 0.25, 9);
  // Logits ±1: 1 ± 1 + 1/2 are 5/2 and 1/2, shares 5/6 and 1/6; logits ±2: 5 and 1 again.
  const unsure = tensor([
    [1, -1],
    [-2, 2],
  ]);
  const norm = ((5 / 6) ** 4 + (1 / 6) ** 4) / 2;
  expect(score("mano", { targetLogits: unsure })).toBeCloseTo(norm ** 0.25, 7);
  // All equal: 1/K everywhere.
  expect(score("mano", { targetLogits: zeros([5, 3]) })).toBeCloseTo(1 / 3, 9);
});

test("mano does not notice a constant added to an image's logits", () => {
  const of = (by: number) =>
    score("mano", {
      targetLogits: tensor([
        [1 + by, -1 + by],
        [0.5, 0.25],
      ]),
    });
  expect(of(3)).toBeCloseTo(of(0), 6);
});

test("mixval: the shares of mixed images that follow the first, within classes and between them, averaged", () => {
  const [lens, other] = [
    [-1, 1],
    [1, -1],
  ];
  const mixed = (triples: number[][][]) => score("mixval", { mixedLogits: tensor(triples) });
  const within = [
    [lens!, lens!, lens!],
    [other!, other!, lens!],
    [other!, other!, other!],
    [lens!, lens!, lens!],
  ]; // 3 of 4
  const between = [
    [lens!, other!, lens!],
    [other!, lens!, lens!],
    [lens!, other!, other!],
  ]; // 1 of 3
  expect(mixed([...between, ...within])).toBeCloseTo((3 / 4 + 1 / 3) / 2, 12);
  // One class alone has no boundary.
  expect(mixed([within[0]!, within[3]!])).toBe(0.5);
  expect(mixed([[lens!, other!, [Number.NaN, 0]]])).toBeNaN();
  expect(score("mixval", {})).toBe(0);
});

test("mixval's pairs: each image with another of its class, and the rarer class with as many others as there can be", () => {
  const predicted = [0, 1, 0, 0, 1, 0, 0];
  const pairs = mixedPairs(predicted);
  const sort = (intra: boolean) => pairs.filter(([a, b]) => (predicted[a] === predicted[b]) === intra);
  expect(
    sort(true)
      .map(([a]) => a)
      .sort(),
  ).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(sort(true).every(([a, b]) => a !== b)).toBe(true);
  // Two images of class 1: each is the first of one pair and the second of another.
  expect(sort(false)).toHaveLength(4);
  expect(
    sort(false)
      .flat()
      .filter((i) => predicted[i] === 1)
      .sort(),
  ).toEqual([1, 1, 4, 4]);
  expect(mixedPairs([0, 0, 1]).filter(([a, b]) => a === 2 && b === 2)).toEqual([]);
  expect(mixedPairs([0])).toEqual([]);
  expect(mixedPairs([])).toEqual([]);
  const balanced = mixedPairs(Array.from({ length: 3000 }, (_, i) => i % 3));
  expect(balanced).toHaveLength(1024);
  expect(balanced.filter(([a, b]) => a % 3 === b % 3)).toHaveLength(512);
});
