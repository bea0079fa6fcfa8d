import { expect, test } from "vitest";
import { ones, tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { messageOf } from "./child.ts";

test("one seed gives one sequence, another seed another", () => {
  tidy(() => {
    const draw = (seed: number) => {
      const generator = new Generator(seed);
      return [
        generator.normal([5]),
        generator.uniform([5]),
        generator.permutation(8),
        generator.integers(0, 100, [5]),
      ].map((x) => x.numbers());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(8)).not.toEqual(draw(7));
    expect(draw(2 ** 53 - 1)).toEqual(draw(2 ** 53 - 1));
  });
});

test("the sequence is libtorch's own Mersenne Twister, as Python's torch draws it", () => {
  // python3 -c "import torch; g = torch.Generator().manual_seed(42); print(torch.randperm(8, generator=g).tolist())"
  tidy(() => expect(new Generator(42).permutation(8).numbers()).toEqual([6, 3, 0, 7, 2, 1, 4, 5]));
});

test("a saved state continues where it was saved, any number of times", () => {
  tidy(() => {
    const generator = new Generator(3);
    generator.normal([7]); // an odd count leaves a cached normal value, which the state must hold too
    const state = generator.state();
    const next = generator.normal([9]).numbers();
    generator.restore(state);
    expect(generator.normal([9]).numbers()).toEqual(next);
    const other = new Generator(99);
    other.restore(state);
    expect(other.normal([9]).numbers()).toEqual(next);
  });
});

test("generators do not disturb each other", () => {
  tidy(() => {
    const alone = new Generator(1).uniform([6]).numbers();
    const [a, b] = [new Generator(1), new Generator(2)];
    const mixed: number[] = [];
    for (let i = 0; i < 6; i++) {
      mixed.push(a.uniform([1]).item());
      b.normal([3]);
    }
    expect(mixed).toEqual(alone);
  });
});

test("a state of the wrong length or with nonsense is refused, and the generator continues", () => {
  const generator = new Generator(1);
  expect(messageOf(() => generator.restore(new Uint8Array(10)))).toMatch(/^setGeneratorState: .*size/);
  expect(messageOf(() => generator.restore(new Uint8Array(generator.state().length).fill(255)))).toMatch(
    /^setGeneratorState: .*mt19937/,
  );
  tidy(() => expect(generator.uniform([2]).numbers()).toEqual(new Generator(1).uniform([2]).numbers()));
});

test("a seed must be a whole number from 0", () => {
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53])
    expect(messageOf(() => new Generator(seed))).toMatch(/^Generator: seed must be/);
});

test("the draws have the moments of their distributions", () => {
  tidy(() => {
    const generator = new Generator(5);
    const n = 40_000;
    const moments = (x: ReturnType<Generator["normal"]>) => [x.mean().item(), x.var().item()] as const;
    // Each within five standard errors.
    const [m, v] = moments(generator.normal([n]));
    expect(Math.abs(m)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(v - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    const [um, uv] = moments(generator.uniform([n]));
    expect(Math.abs(um - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(uv - 1 / 12)).toBeLessThan(0.003);
    const [pm, pv] = moments(generator.poisson(ones([n]).mul(4)));
    expect(Math.abs(pm - 4)).toBeLessThan((5 * 2) / Math.sqrt(n));
    expect(Math.abs(pv - 4)).toBeLessThan(0.2);
    const [gm, gv] = moments(generator.gamma(ones([n]).mul(2)));
    expect(Math.abs(gm - 2)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(gv - 2)).toBeLessThan(0.2);
    expect(
      Math.abs(
        generator
          .bernoulli(ones([n]).mul(0.3))
          .mean()
          .item() - 0.3,
      ),
    ).toBeLessThan(5 * Math.sqrt(0.21 / n));
    const chosen = generator.choice(tensor([0, 1, 3]), n);
    expect(chosen.min().item()).toBe(1);
    expect(Math.abs(chosen.eq(2).to("float32").mean().item() - 0.75)).toBeLessThan(5 * Math.sqrt(0.1875 / n));
    expect(
      generator
        .permutation(50)
        .numbers()
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});
