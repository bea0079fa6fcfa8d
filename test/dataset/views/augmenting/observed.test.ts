import { describe, expect, test } from "vitest";
import { observed } from "../../../../src/dataset/views/augment.ts";
import { blurred } from "../../../../src/dataset/views/augmenting/blur.ts";
import {
  type Augmentation,
  changesStored,
  checkPolicy,
  none,
} from "../../../../src/dataset/views/augmenting/policy.ts";
import { tensor } from "../../../../src/torch/create.ts";
import { Generator } from "../../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../../src/torch/scope.ts";
import { binomialDeviate, kolmogorov, uniformDeviate, uniformOn } from "./chance.ts";

const policy = (more: Partial<Augmentation>): Augmentation => ({ ...none, ...more });

describe("blur", () => {
  test("keeps each band's flux, and with width 0 changes nothing", () => {
    tidy(() => {
      const x = new Generator(1).normal([4, 3, 12, 17]);
      const widths = tensor([0, 0.4, 2, 3]);
      const out = blurred(x, widths);
      const lost = out
        .sum([2, 3])
        .sub(x.sum([2, 3]))
        .abs()
        .max()
        .item();
      expect(lost).toBeLessThan(1e-4);
      expect(out.select(0, 0).sub(x.select(0, 0)).abs().max().item()).toBe(0);
    });
  });

  test("a point becomes the Gaussian of that width: half at half the width", () => {
    const side = 33;
    const point = new Float32Array(side * side);
    point[16 * side + 16] = 1;
    const out = tidy(() => blurred(tensor(point, [1, 1, side, side]), tensor([6])).numbers());
    const at = (x: number, y: number) => out[(16 + y) * side + 16 + x]!;
    for (const [x, y] of [
      [3, 0],
      [0, 3],
      [-3, 0],
    ])
      expect(at(x!, y!) / at(0, 0)).toBeCloseTo(0.5, 5);
    expect(at(2, 1) / at(0, 0)).toBeCloseTo(0.5 ** (5 / 9), 5); // round
    const sigma = 6 / Math.sqrt(8 * Math.log(2));
    expect(at(0, 0)).toBeCloseTo(1 / (2 * Math.PI * sigma ** 2), 5);
  });

  test("widths are uniform, one per image for all its bands", () => {
    const N = 1500;
    const side = 17;
    const got = tidy(() => {
      const point = new Float32Array(2 * side * side);
      point[8 * side + 8] = 1;
      point[side * side + 8 * side + 8] = 1;
      const x = tensor(point, [1, 2, side, side]).expand([N, 2, side, side]);
      const out = observed(x, "flux", policy({ blur: 4 }), new Generator(2));
      const bands = out.select(1, 0).sub(out.select(1, 1)).abs().max().item();
      const near = out.select(2, 8); // (N, 2, side)
      const [centre, beside] = [8, 9].map((i) => near.select(2, i).select(1, 0).numbers());
      return { bands, ratio: centre!.map((value, i) => beside![i]! / value) };
    });
    expect(got.bands).toBe(0);
    // exp(-1 / (2 σ²)) of the next pixel
    const width = (ratio: number) => Math.sqrt(8 * Math.log(2)) * Math.sqrt(-1 / (2 * Math.log(ratio)));
    const widths = got.ratio.filter((ratio) => ratio > 1e-6).map(width);
    const seen = width(1e-6);
    expect(kolmogorov(widths, uniformOn(seen, 4))).toBeLessThan(1.95);
  });
});

test("jitter is one factor per image and band, uniform about 1", () => {
  const N = 2000;
  const out = tidy(() => {
    const x = tensor([1, 2, 4, 8], [1, 2, 1, 2]).expand([N, 2, 1, 2]);
    return observed(x, "flux", policy({ jitter: 0.3 }), new Generator(3)).numbers();
  });
  const factors = [0, 2].map((at) => Array.from({ length: N }, (_, i) => out[4 * i + at]! / [1, 0, 4][at]!));
  for (let i = 0; i < N; i++) expect(out[4 * i + 1]! / 2).toBeCloseTo(factors[0]![i]!, 5);
  for (const own of factors) expect(kolmogorov(own, uniformOn(0.7, 1.3))).toBeLessThan(1.95);
  const product = factors[0]!.reduce((sum, f, i) => sum + (f - 1) * (factors[1]![i]! - 1), 0) / N;
  expect(Math.abs(product) / 0.03).toBeLessThan(3.3 / Math.sqrt(N)); // independent
});

test("Poisson noise has mean f and variance f / gain in whole photons, and leaves what is below 0", () => {
  const N = 20_000;
  const gain = 4;
  const out = tidy(() => {
    const x = tensor([3, -2, 0], [1, 1, 1, 3]).expand([N, 1, 1, 3]);
    return observed(x, "flux", policy({ gain }), new Generator(4)).numbers();
  });
  const light = Array.from({ length: N }, (_, i) => out[3 * i]!);
  const mean = light.reduce((sum, value) => sum + value, 0) / N;
  const variance = light.reduce((sum, value) => sum + (value - mean) ** 2, 0) / N;
  expect(Math.abs(mean - 3)).toBeLessThan(4 * Math.sqrt(3 / gain / N));
  expect(variance).toBeCloseTo(3 / gain, 1);
  for (const value of light.slice(0, 100)) expect(value * gain).toBeCloseTo(Math.round(value * gain), 4);
  // P(no photon) = exp(-12)
  expect(light.filter((value) => value * gain < 6).length / N).toBeLessThan(0.04);
  for (let i = 0; i < N; i += 997) expect(out.slice(3 * i + 1, 3 * i + 3)).toEqual([-2, 0]);
});

test("with the given chance one band, any, is missing: all of it is 0", () => {
  const N = 6000;
  const out = tidy(() => {
    const x = tensor(new Float32Array(12).fill(7), [1, 3, 2, 2]).expand([N, 3, 2, 2]);
    return observed(x, "flux", policy({ missing: 0.4 }), new Generator(5)).numbers();
  });
  const gone = [0, 0, 0];
  for (let i = 0; i < N; i++) {
    const bands = [0, 1, 2].map((c) => new Set(out.slice(12 * i + 4 * c, 12 * i + 4 * c + 4)));
    for (const values of bands) expect(values.size).toBe(1);
    const lost = bands.flatMap((values, c) => (values.has(0) ? [c] : []));
    expect(lost.length).toBeLessThan(2);
    for (const c of lost) gone[c]!++;
  }
  expect(Math.abs(binomialDeviate(gone[0]! + gone[1]! + gone[2]!, N, 0.4))).toBeLessThan(3.3);
  expect(uniformDeviate(gone)).toBeLessThan(3.1);
});

test("display pixels are clipped at 255 and become floating; they have no photons", () => {
  const bytes = tensor(Uint8Array.from([250, 250, 250, 250]), [2, 2, 1, 1]);
  const out = observed(bytes, "display", policy({ jitter: 0.9 }), new Generator(6));
  expect(out.dtype).toBe("float32");
  expect(Math.max(...out.numbers())).toBeLessThanOrEqual(255);
  expect(() => observed(bytes, "display", policy({ gain: 1 }), new Generator(6))).toThrow(
    /gain must be 0 on display/,
  );
});

test("a policy that images can't take is refused before anything is drawn", () => {
  const info = { pixels: "flux" as const, bands: ["r"], shape: [1, 16, 20] as [number, number, number] };
  checkPolicy(policy({ gain: 1, blur: 4, shift: 15 }), info);
  const refused = (more: Partial<Augmentation>, message: RegExp) =>
    expect(() => checkPolicy(policy(more), info)).toThrow(message);
  refused({ missing: 0.1 }, /missing must be 0 for images of one band/);
  refused({ blur: 4.1 }, /blur must be at most a quarter of 16 pixels/);
  refused({ shift: 16 }, /shift must be less than the image/);
  refused({ subpixel: 16 }, /subpixel must be less than the image/);
  refused({ rotations: true }, /images must be square/);
  expect(() => checkPolicy(policy({ gain: 1 }), { ...info, pixels: "display" })).toThrow(/gain must be 0/);
});

test("which settings change stored pixels; nothing is left behind; one seed gives one result", () => {
  for (const knob of ["blur", "jitter", "gain", "missing"])
    expect(changesStored(policy({ [knob]: 0.1 }))).toBe(true);
  expect(changesStored(policy({ noise: 1, turn: 1, erase: 1 }))).toBe(false);
  const x = new Generator(7).uniform([3, 2, 9, 9]);
  const live = liveTensors();
  const how = policy({ blur: 2, jitter: 0.1, gain: 50, missing: 0.5 });
  const [a, b] = [1, 2].map(() => {
    const out = observed(x, "flux", how, new Generator(8));
    const values = out.numbers();
    out.dispose();
    return values;
  });
  expect(a).toEqual(b);
  expect(liveTensors()).toBe(live);
});
