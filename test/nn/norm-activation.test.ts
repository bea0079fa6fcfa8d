/** Batch norm with what follows it as one operator: libtorch's own operators, and differences, are the oracle. */
import { describe, expect, it } from "vitest";
import { BatchNorm } from "../../src/nn/batchnorm.ts";
import { grad, noGrad } from "../../src/torch/autograd.ts";
import { call } from "../../src/torch/call.ts";
import { type Activation, type AfterNorm, batchNorm } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

const largest = (x: Tensor): number => x.to("float32").abs().max().item();

/** act(norm(x) + added) by libtorch's operators, one after the other. */
function apart(x: Tensor, norm: BatchNorm, { added = null, activation = "none" }: AfterNorm): Tensor {
  const state = {
    ...{ weight: norm.weight, bias: norm.bias },
    ...{ runningMean: norm.runningMean, runningVar: norm.runningVar },
  };
  let y = batchNorm(x, state, norm.training, norm.momentum, norm.epsilon);
  if (added !== null) y = y.add(added);
  return activation === "relu" ? y.relu() : activation === "silu" ? y.silu() : y;
}

function normOf(features: number, generator: Generator, training = true): BatchNorm {
  const norm = new BatchNorm(features, { epsilon: 1e-3, momentum: 0.2 });
  noGrad(() => {
    norm.weight.copy_(generator.normal([features]));
    norm.bias.copy_(generator.normal([features]));
    norm.runningMean.copy_(generator.normal([features]));
    norm.runningVar.copy_(generator.normal([features]).square().add(0.1));
  });
  return norm.train(training);
}

// Channels below 32, of several times 32, and of a number that leaves a rest; rows for several parts.
const SHAPES = [
  [64, 16, 8, 8],
  [8, 24, 6, 5],
  [3, 64, 7, 7],
  [5, 100, 9, 13],
  [300, 40],
] as const;
const AFTER: [Activation, boolean][] = [
  ["none", false],
  ["none", true],
  ["relu", false],
  ["relu", true],
  ["silu", false],
  ["silu", true],
];

describe("batch norm, addition and activation as one operator", () => {
  for (const shape of SHAPES)
    for (const [activation, adds] of AFTER)
      for (const training of [true, false])
        it(`gives what the three give, with gradients: ${shape}, ${activation}, ${adds ? "added" : "alone"}, ${training ? "training" : "evaluation"}`, () =>
          tidy(() => {
            const made = [true, false].map((fused) => {
              const generator = new Generator(3);
              const norm = normOf(shape[1], generator, training);
              const image = (by: number) => {
                const values = generator.normal(shape).mul(by).add(5);
                return (shape.length === 4 ? values.contiguous("channels_last") : values).withGrad();
              };
              const x = image(2);
              const added = adds ? image(1) : null;
              const after = { activation, added };
              const y = fused ? norm.followed(x, after) : apart(x, norm, after);
              const slope = generator.normal(shape);
              const inputs = [x, norm.weight, norm.bias, ...(added === null ? [] : [added])];
              const gradients = grad(y.mul(slope).sum(), inputs) as Tensor[];
              return [y, norm.runningMean, norm.runningVar, ...gradients];
            });
            const [ours, theirs] = made as [Tensor[], Tensor[]];
            for (const [i, value] of ours.entries()) {
              expect(value.shape).toEqual(theirs[i]!.shape);
              expect(largest(value.sub(theirs[i]!))).toBeLessThan(1e-5 * (1 + largest(theirs[i]!)));
            }
          }));

  for (const [activation, adds] of AFTER.slice(0, 5))
    it(`is within bfloat16's precision: ${activation}, ${adds ? "added" : "alone"}`, () =>
      tidy(() => {
        // In bfloat16 against float32 of the same, already rounded numbers.
        const made = (["bfloat16", "float32"] as const).map((dtype) => {
          const generator = new Generator(4);
          const norm = normOf(48, generator);
          const image = () =>
            generator.normal([16, 48, 8, 8]).to("bfloat16").to(dtype).contiguous("channels_last").withGrad();
          const x = image();
          const added = adds ? image() : null;
          const y = norm.followed(x, { activation, added });
          const slope = generator.normal([16, 48, 8, 8]).to("bfloat16").to(dtype);
          const inputs = [x, norm.weight, norm.bias, ...(added === null ? [] : [added])];
          expect(y.dtype).toBe(dtype);
          return [y, ...(grad([y], inputs, { outputGradients: [slope] }) as Tensor[])];
        });
        const [low, high] = made as [Tensor[], Tensor[]];
        for (const [i, value] of low.entries())
          expect(largest(value.to("float32").sub(high[i]!))).toBeLessThan(2 ** -8 * largest(high[i]!));
      }));

  for (const activation of ["none", "relu", "silu"] as const)
    it(`has the slope that differences have: ${activation}`, () =>
      tidy(() => {
        const generator = new Generator(5);
        const norm = normOf(32, generator);
        const x = generator.normal([4, 32, 3, 3]).contiguous("channels_last").withGrad();
        const along = generator.normal(x.shape).contiguous("channels_last");
        const slope = generator.normal(x.shape);
        const loss = (by: number) =>
          norm
            .followed(x.add(along.mul(by)), { activation })
            .mul(slope)
            .to("float64")
            .sum();
        const [gradient] = grad(loss(0), [x]) as [Tensor];
        const step = 1e-3;
        const difference = noGrad(() => loss(step).sub(loss(-step)).item()) / (2 * step);
        expect(gradient.mul(along).sum().item()).toBeCloseTo(difference, 1);
        expect(Math.abs(difference)).toBeGreaterThan(1);
      }));

  it("keeps digits where the mean is far from zero", () =>
    tidy(() => {
      const generator = new Generator(6);
      const norm = new BatchNorm(32, { momentum: 1 }).train(true);
      const x = generator.normal([64, 32, 8, 8]).add(3000).contiguous("channels_last");
      norm.followed(x, {});
      const exact = x.to("float64").permute([1, 0, 2, 3]).reshape([32, -1]);
      const variance = exact
        .sub(exact.mean([1], true))
        .square()
        .sum([1])
        .div(64 * 64 - 1);
      // As near as neighbours among float32 numbers of that size; the mean square less the squared mean is 0.1 off.
      expect(largest(norm.runningVar.to("float64").sub(variance))).toBeLessThan(2 ** -12);
    }));

  it("gives a gradient that can be differentiated", () =>
    tidy(() => {
      for (const [activation, adds] of AFTER) {
        const made = [true, false].map((fused) => {
          const generator = new Generator(7);
          const norm = normOf(32, generator);
          const image = () => generator.normal([4, 32, 4, 4]).contiguous("channels_last").withGrad();
          const x = image();
          const added = adds ? image() : null;
          const after = { activation, added };
          const y = fused ? norm.followed(x, after) : apart(x, norm, after);
          const [first] = grad(y.square().sum(), [x], { createGraph: true }) as [Tensor];
          const inputs = [x, norm.weight, ...(added === null ? [] : [added])];
          return grad(first.square().sum(), inputs) as Tensor[];
        });
        const [ours, theirs] = made as [Tensor[], Tensor[]];
        for (const [i, value] of ours.entries())
          expect(largest(value.sub(theirs[i]!))).toBeLessThan(1e-3 * (1 + largest(theirs[i]!)));
      }
    }));

  it("leaves frozen weights without a gradient, and input that needs none", () =>
    tidy(() => {
      const generator = new Generator(8);
      const norm = normOf(32, generator);
      const x = generator.normal([4, 32, 4, 4]).contiguous("channels_last");
      norm.followed(x, { activation: "relu" }).sum().backward();
      expect(norm.weight.grad).not.toBeNull();
      const [gradient] = grad(norm.followed(x.detach().withGrad(), { activation: "relu" }).sum(), [
        norm.bias,
      ]);
      expect(gradient!.shape).toEqual([32]);
      expect(noGrad(() => norm.followed(x, { activation: "relu" })).requiresGrad).toBe(false);
    }));

  it("says that running statistics changed", () =>
    tidy(() => {
      const norm = normOf(32, new Generator(9));
      const version = () => call("aten::_version", norm.runningVar) as number;
      const before = version();
      norm.followed(new Generator(1).normal([4, 32, 4, 4]).contiguous("channels_last"), {});
      expect(version()).toBeGreaterThan(before);
      expect(norm.batchesTracked.item()).toBe(1);
    }));

  it("refuses an activation that it doesn't know", () =>
    tidy(() => {
      const norm = new BatchNorm(32);
      const state = [norm.weight, norm.bias, null, null, true, 0, 1e-5] as const;
      const x = new Generator(1).normal([4, 32]);
      expect(() => call("arclet::batch_norm_activation", x, null, ...state, 3)).toThrow(
        "activation must be 0 (none), 1 (relu) or 2 (silu)",
      );
    }));
});
