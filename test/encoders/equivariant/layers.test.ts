import { expect, test } from "vitest";
import { equivariantConfig } from "../../../src/encoders/equivariant/config.ts";
import { GroupConv } from "../../../src/encoders/equivariant/conv.ts";
import { Group, transform } from "../../../src/encoders/equivariant/group.ts";
import { discMask } from "../../../src/encoders/equivariant/mask.ts";
import { FieldNorm } from "../../../src/encoders/equivariant/norm.ts";
import {
  AntialiasedPool,
  gaussianTaps,
  LEAST_SIGMA,
  MOST_SIGMA,
} from "../../../src/encoders/equivariant/pool.ts";
import { ones, stack } from "../../../src/torch/create.ts";
import { conv2d } from "../../../src/torch/neural.ts";
import { Generator } from "../../../src/torch/random.ts";
import { tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";

const D4 = new Group("D4");
const furthest = (a: Tensor, b: Tensor) => tidy(() => a.sub(b).abs().max().item());

test("a lifting convolution is a convolution with each transformed filter", () => {
  const generator = new Generator(0);
  const conv = new GroupConv(
    { group: D4, lifting: true, input: 2, output: 3, kernel: 5, padding: 2 },
    generator,
  );
  tidy(() => {
    const x = generator.normal([2, 2, 9, 9]);
    const base = conv.weight.detach().squeeze(2); // (3, 2, 5, 5)
    const expected = stack(
      D4.elements.map((g) => conv2d(x, transform(base, g), { padding: 2 })),
      1,
    );
    expect(furthest(conv.forward(x), expected.reshape([2, 24, 9, 9]))).toBeLessThan(1e-5);
  });
});

test("a group convolution correlates over the group, as its definition says", () => {
  const generator = new Generator(1);
  const options = { group: D4, lifting: false, input: 2, output: 1, kernel: 3, padding: 1 };
  const conv = new GroupConv(options, generator);
  tidy(() => {
    const x = generator.normal([1, 16, 4, 4]); // group element first: channel h·2 + i
    const base = conv.weight.detach(); // (1, 2, 8, 3, 3)
    const expected = D4.elements.map((g, k) => {
      // y[g] = Σ over h, i of x[h, i] ⋆ g·ψ[i, g⁻¹h]
      let sum: Tensor | null = null;
      for (let h = 0; h < 8; h++) {
        const relative = D4.product[D4.inverse[k]!]![h]!;
        for (let i = 0; i < 2; i++) {
          const kernel = transform(base.select(1, i).select(1, relative), g).unsqueeze(0); // (1, 1, 3, 3)
          const part = conv2d(x.narrow(1, h * 2 + i, 1), kernel, { padding: 1 });
          sum = sum === null ? part : sum.add(part);
        }
      }
      return sum!.squeeze(1);
    });
    expect(furthest(conv.forward(x), stack(expected, 1))).toBeLessThan(1e-5);
  });
});

test("initial weights have He's variance over all group channels", () => {
  const options = { group: D4, lifting: false, input: 16, output: 16, kernel: 3, padding: 1 };
  const conv = new GroupConv(options, new Generator(2));
  const variance = tidy(() => conv.weight.detach().var().item());
  expect(variance / (2 / (16 * 8 * 9))).toBeCloseTo(1, 1);
});

test("filters expanded for evaluation follow the weight when it changes", () => {
  const options = { group: D4, lifting: true, input: 1, output: 1, kernel: 3, padding: 0 };
  const conv = new GroupConv(options, new Generator(3));
  conv.learn(false);
  tidy(() => {
    const x = ones([1, 1, 3, 3]);
    const sum = () => conv.forward(x).numbers()[0]!;
    expect(sum()).toBeCloseTo(conv.weight.sum().item(), 5);
    conv.weight.copy_(ones([1, 1, 1, 3, 3]));
    expect(sum()).toBe(9);
    const twin = conv.copy();
    conv.weight.copy_(ones([1, 1, 1, 3, 3]).mul(2));
    expect(sum()).toBe(18);
    expect(twin.forward(x).numbers()[0]).toBe(9);
  });
});

test.each(["contiguous", "channels_last"] as const)(
  "inner batch norm shares a field's statistics, %s",
  (format) => {
    const generator = new Generator(4);
    const [batch, order, fields, side] = [3, 4, 2, 5];
    const norm = new FieldNorm(fields);
    tidy(() => {
      norm.weight.detach().copy_(generator.uniform([fields]));
      norm.bias.detach().copy_(generator.uniform([fields]));
      const x = generator
        .normal([batch, order * fields, side, side])
        .mul(3)
        .add(1)
        .contiguous(format);
      const y = norm.forward(x);
      // one field at a time, in plain numbers
      const values = x.reshape([batch, order, fields, side, side]);
      const output = y.reshape([batch, order, fields, side, side]);
      for (let f = 0; f < fields; f++) {
        const all = values.select(2, f).numbers();
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
        const [gain, offset] = [norm.weight.numbers()[f]!, norm.bias.numbers()[f]!];
        output
          .select(2, f)
          .numbers()
          .forEach((value, i) => {
            expect(value).toBeCloseTo((gain * (all[i]! - mean)) / Math.sqrt(variance + 1e-5) + offset, 4);
          });
        expect(norm.runningMean.numbers()[f]).toBeCloseTo(0.1 * mean, 5);
        const unbiased = (variance * all.length) / (all.length - 1);
        expect(norm.runningVar.numbers()[f]).toBeCloseTo(0.9 + 0.1 * unbiased, 4);
      }
    });
  },
);

test("Gaussian taps sum to 1, are symmetric, and have the Gaussian's ratios", () => {
  for (const even of [false, true]) {
    const taps = gaussianTaps(0.66, even);
    expect(taps.length % 2 === 0).toBe(even);
    expect(taps.reduce((sum, tap) => sum + tap, 0)).toBeCloseTo(1, 12);
    expect([...taps].reverse()).toEqual(taps);
  }
  const [, , centre, next, far] = gaussianTaps(0.66, false);
  expect(next! / centre!).toBeCloseTo(Math.exp(-0.5 / 0.66 ** 2), 12);
  expect(far! / centre!).toBeCloseTo(Math.exp(-2 / 0.66 ** 2), 12);
});

test.each([
  [48, 1],
  [48, 2],
  [15, 1],
  [15, 2],
  [6, 2],
] as const)(
  "pooling a side of %i by stride %i commutes with every rotation and reflection",
  (side, stride) => {
    const pool = new AntialiasedPool(0.66, stride);
    tidy(() => {
      const x = new Generator(5).normal([1, 2, side, side]);
      const y = pool.forward(x);
      expect(y.shape).toEqual([1, 2, Math.ceil(side / stride), Math.ceil(side / stride)]);
      for (const g of D4.elements) {
        expect(furthest(pool.forward(transform(x, g)), transform(y, g))).toBeLessThan(1e-6);
      }
    });
  },
);

test.each([true, false])(
  "the narrowest Gaussian that is allowed has taps (even: %s); narrower and wider ones are refused",
  (even) => {
    const taps = gaussianTaps(LEAST_SIGMA, even);
    expect(taps).toEqual(even ? [0.5, 0.5] : [1]);
    const accepts = (sigma: number) => equivariantConfig.safeParse({ sigma }).success;
    expect([LEAST_SIGMA, 0.66, MOST_SIGMA].map(accepts)).toEqual([true, true, true]);
    expect([1 / 7 - 1e-6, 0.14, 0, -1, 1e6].map(accepts)).toEqual([false, false, false, false, false]);
  },
);

test("pooling keeps a constant image inside and treats odd and even sides apart", () => {
  const y = tidy(() => new AntialiasedPool(0.66, 2).forward(ones([1, 1, 9, 8])).numbers());
  expect(y.length).toBe(5 * 4);
  expect(y[1 * 4 + 1]).toBeCloseTo(1, 6);
});

test("the disc is 1 inside, fades to nothing in the corners, and is symmetric to the last bit", () => {
  tidy(() => {
    const mask = discMask(16, 16, 2);
    expect(mask.numbers()[8 * 16 + 8]).toBe(1);
    expect(mask.numbers()[8 * 16 + 3]).toBe(1); // 4.5 pixels from the centre, where the disc's radius is 5.5
    expect(mask.numbers()[0]).toBeLessThan(1e-5);
    for (const g of D4.elements) expect(transform(mask, g).numbers()).toEqual(mask.numbers());
  });
});
