import { expect, test } from "vitest";
import type { EquivariantCnn } from "../../../src/encoders/equivariant/cnn.ts";
import { GroupConv } from "../../../src/encoders/equivariant/conv.ts";
import { Group, type GroupName, groupNames, transform } from "../../../src/encoders/equivariant/group.ts";
import { buildEncoder } from "../../../src/encoders/registry.ts";
import { AdamW } from "../../../src/nn/optim/adamw.ts";
import { autocast, noGrad } from "../../../src/torch/autograd.ts";
import { stack } from "../../../src/torch/create.ts";
import { Generator } from "../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";

const tiny = { fields: [3, 4, 5], kernels: [5, 3, 3], poolAfter: [1, 2] };

/** An encoder with random weights, affine parameters and running statistics. */
function random(config: Record<string, unknown>, seed = 0, channels = 2): EquivariantCnn {
  const generator = new Generator(seed);
  const encoder = buildEncoder("equivariant", config, { channels, generator }) as EquivariantCnn;
  tidy(() =>
    noGrad(() => {
      for (const [name, value] of encoder.state()) {
        if (value.dtype === "int64" || name.endsWith("conv.weight")) continue;
        value.copy_(generator.uniform(value.shape).add(name.endsWith("mean") ? -0.5 : 0.5));
      }
    }),
  );
  return encoder;
}

/** Largest difference relative to the largest value. */
const relative = (a: Tensor, b: Tensor) =>
  tidy(() => a.sub(b).abs().max().item() / Math.max(b.abs().max().item(), 1e-30));

const image = (side: number, seed = 9, channels = 2) =>
  new Generator(seed).normal([2, channels, side, side]).abs();

/** The elements that map the pixel grid onto itself. */
const onTheGrid = (group: Group) => group.elements.filter(({ turns }) => Number.isInteger(turns));

const cases = groupNames.flatMap((group) => [48, 47, 22].map((side) => [group, side] as const));

test.each(cases)(
  "%s, %i pixels: rotating or mirroring does not change the features of random weights",
  (group, side) => {
    for (const [seed, training] of [
      [1, false],
      [2, true],
    ] as const) {
      const encoder = random({ ...tiny, group }, seed).train(training);
      tidy(() =>
        noGrad(() => {
          const x = image(side);
          const features = encoder.forward(x);
          for (const g of onTheGrid(new Group(group)))
            expect(relative(encoder.forward(transform(x, g)), features)).toBeLessThan(1e-5);
        }),
      );
    }
  },
);

test.each([
  ["small", {}, 48],
  ["small", {}, 64],
  ["small", { margin: 1.5, head: 16, group: "C4" }, 33],
  ["deeplense", {}, 64],
  ["deeplense", { group: "D4", fields: [4, 4, 4, 4, 4, 4] }, 49],
] as const)("preset %s with %j at %i pixels is invariant", (preset, config, side) => {
  const encoder = random({ preset, ...config }).train(false);
  tidy(() =>
    noGrad(() => {
      const x = image(side);
      const features = encoder.forward(x);
      expect(features.shape).toEqual([2, encoder.features]);
      expect(features.isfinite().all().item()).toBe(1);
      expect(features.select(0, 0).sub(features.select(0, 1)).abs().max().item()).toBeGreaterThan(1e-3);
      for (const g of encoder.group.elements)
        expect(relative(encoder.forward(transform(x, g)), features)).toBeLessThan(1e-5);
    }),
  );
});

test.each(groupNames)("training keeps %s invariant", (name) => {
  const encoder = random({ ...tiny, group: name });
  const optimizer = new AdamW(encoder.namedParameters(), { lr: 0.01 });
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) {
    tidy(() => {
      optimizer.zeroGrad();
      const loss = encoder.forward(image(24, step)).sub(1).square().mean();
      loss.backward();
      losses.push(loss.item());
      optimizer.step();
    });
  }
  expect(losses[4]!).toBeLessThan(losses[0]!);
  encoder.train(false);
  tidy(() =>
    noGrad(() => {
      const features = encoder.forward(image(24));
      for (const g of onTheGrid(encoder.group))
        expect(relative(encoder.forward(transform(image(24), g)), features)).toBeLessThan(1e-5);
    }),
  );
});

test.each(groupNames.map((name) => [name]))(
  "%s: the map moves with the image, its group axis permuted",
  (name) => {
    const group = new Group(name as GroupName);
    const encoder = random({ ...tiny, group: name }).train(false);
    tidy(() =>
      noGrad(() => {
        const x = image(30);
        const map = encoder.regularMap(x); // (2, |G|, 5, 8, 8)
        group.elements.forEach((g, i) => {
          if (!Number.isInteger(g.turns)) return;
          const moved = encoder.regularMap(transform(x, g));
          // moved[k] = g · map[g⁻¹ k]
          const expected = group.elements.map((_, k) =>
            transform(map.select(1, group.product[group.inverse[i]!]![k]!), g),
          );
          expect(relative(moved, stack(expected, 1))).toBeLessThan(1e-5);
          const pooled = encoder.featureMap(transform(x, g));
          expect(relative(pooled, transform(encoder.featureMap(x), g))).toBeLessThan(1e-5);
        });
      }),
    );
  },
);

test.each([
  ["C2", { mirrored: false, turns: 1 }],
  ["C2", { mirrored: true, turns: 0 }],
  ["C4", { mirrored: true, turns: 0 }],
  ["D2", { mirrored: false, turns: 1 }],
] as const)("%s is not invariant to what is not in the group: %j", (group, outside) => {
  const encoder = random({ ...tiny, group }).train(false);
  tidy(() =>
    noGrad(() => {
      const x = image(48);
      expect(relative(encoder.forward(transform(x, outside)), encoder.forward(x))).toBeGreaterThan(1e-3);
    }),
  );
});

test("gradients are finite differences, in float64", () => {
  const config = { group: "D4", fields: [2, 3], kernels: [3, 3], poolAfter: [1], head: 4, margin: 1 };
  const encoder = random(config, 3).to("cpu", "float64");
  const loss = () => {
    const x = new Generator(1).normal([3, 2, 7, 7], { dtype: "float64" });
    return encoder
      .forward(x)
      .mul(new Generator(2).normal([3, 4], { dtype: "float64" }))
      .sum();
  };
  tidy(() => loss().backward());
  let checked = 0;
  for (const [name, parameter] of encoder.namedParameters()) {
    const gradient = tidy(() => parameter.grad!.numbers());
    const scale = Math.max(...gradient.map(Math.abs));
    for (const index of [0, gradient.length >> 1, gradient.length - 1]) {
      const at = (shift: number) =>
        tidy(() =>
          noGrad(() => {
            const element = parameter.detach().reshape([-1]).narrow(0, index, 1);
            const value = element.item();
            element.copy_(element.add(shift));
            const shifted = loss().item();
            element.copy_(element.mul(0).add(value));
            return shifted;
          }),
        );
      const difference = (at(1e-6) - at(-1e-6)) / 2e-6;
      expect(Math.abs(difference - gradient[index]!), `${name}[${index}]`).toBeLessThan(
        1e-5 * Math.max(scale, 1),
      );
      checked++;
    }
  }
  expect(checked).toBe(3 * encoder.namedParameters().size);
});

test("state names are stable", () => {
  const encoder = random({ group: "C4", fields: [2, 3], kernels: [3, 5], poolAfter: [1], head: 6 });
  const norm = (name: string, length: number) => [
    `${name}.weight ${length}`,
    `${name}.bias ${length}`,
    `${name}.running_mean ${length}`,
    `${name}.running_var ${length}`,
    `${name}.num_batches_tracked `,
  ];
  expect([...encoder.state()].map(([name, value]) => `${name} ${value.shape}`)).toEqual([
    "blocks.0.conv.weight 2,2,1,3,3",
    ...norm("blocks.0.norm", 2),
    "blocks.1.conv.weight 3,2,4,5,5",
    ...norm("blocks.1.norm", 3),
    "head.0.weight 6,3",
    "head.0.bias 6",
    ...norm("head.1", 6),
  ]);
});

test("forward, backward and a step leave no tensor behind", () => {
  const before = liveTensors();
  const encoder = random({ ...tiny, group: "D2", margin: 1 });
  const optimizer = new AdamW(encoder.namedParameters());
  const step = () =>
    tidy(() => {
      optimizer.zeroGrad();
      encoder.forward(image(20)).sum().backward();
      optimizer.step();
      noGrad(() => encoder.train(false).forward(image(20)));
      encoder.train();
    });
  step();
  const steady = liveTensors();
  for (let i = 0; i < 5; i++) step();
  expect(liveTensors()).toBe(steady);
  optimizer.dispose();
  encoder.dispose();
  expect(liveTensors()).toBe(before);
});

test("lists that do not match are refused", () => {
  const build = (config: Record<string, unknown>) => () => random(config);
  expect(build({ fields: [1, 2] })).toThrow(
    "encoder equivariant: kernels must be a list of 2, got [5,3,3,3]",
  );
  expect(build({ kernels: [5, 3, 4, 3] })).toThrow(
    "kernels must be odd, so that a rotation keeps the centre, got 4",
  );
  expect(build({ poolAfter: [7] })).toThrow("pooling after block 7 needs more than 4 blocks");
});

test("filters are expanded once per state of the weights when nothing is recorded", () => {
  const encoder = random({ ...tiny, group: "C8" }).train(false);
  const conv = [...encoder.namedModules()].find(([, module]) => module instanceof GroupConv)![1] as GroupConv;
  const filters = () => (conv as unknown as { constantNamed(name: string): Tensor }).constantNamed("filters");
  tidy(() =>
    noGrad(() => {
      encoder.forward(image(24));
      const { handle } = filters();
      encoder.forward(image(24));
      autocast("bfloat16", () => encoder.forward(image(24)));
      expect(filters().handle).toBe(handle);
      const before = encoder.forward(image(24)).numbers();
      conv.weight.copy_(conv.weight.mul(2));
      expect(encoder.forward(image(24)).numbers()).not.toEqual(before);
      expect(filters().handle).not.toBe(handle);
    }),
  );
});
