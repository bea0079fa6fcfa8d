/** Group convolutions by parity are the convolutions with expanded filters. */
import { expect, test } from "vitest";
import { GroupConv } from "../../../src/encoders/equivariant/conv.ts";
import { Group, type GroupName } from "../../../src/encoders/equivariant/group.ts";
import { FieldNorm } from "../../../src/encoders/equivariant/norm.ts";
import { parityConv, parityFilters, parityOf } from "../../../src/encoders/equivariant/parity.ts";
import { noGrad } from "../../../src/torch/autograd.ts";
import { conv2d } from "../../../src/torch/neural.ts";
import { Generator } from "../../../src/torch/random.ts";
import { tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";

const generator = new Generator(5);
const distance = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item() / b.abs().max().item();

test.each([
  ["D2", 3, 5, 5, 2, 9],
  ["D2", 2, 3, 7, 1, 12],
  ["D4", 3, 4, 3, 1, 8],
  ["D8", 2, 3, 5, 0, 9],
] as const)(
  "%s, %i fields to %i, kernel %i, padding %i, side %i",
  (name, input, output, kernel, padding, side) => {
    const group = new Group(name as GroupName);
    noGrad(() =>
      tidy(() => {
        const conv = new GroupConv({ group, lifting: false, input, output, kernel, padding }, generator);
        const parity = parityOf(group)!;
        const x = generator.normal([2, group.order * input, side, side + 1]);
        const filters = (conv as unknown as { filters(x: Tensor): Tensor }).filters(x);
        const bias = generator.normal([output]);
        const y = parityConv(x, parityFilters(filters, parity), bias, { kernel, padding, parity });
        const plain = conv2d(x, filters, { padding, bias: bias.repeat([group.order]) });
        expect(y.shape).toEqual(plain.shape);
        expect(distance(y, plain)).toBeLessThan(3e-6);
      }),
    );
  },
);

test("groups without both mirrors have none", () => {
  for (const name of ["C2", "C4", "C8"] as const) expect(parityOf(new Group(name))).toBeNull();
});

test("scoring by parity is the convolution, then the norm; and follows a weight that changes", () => {
  const group = new Group("D2");
  const shape = { input: 16, output: 6, kernel: 5, padding: 2 };
  noGrad(() =>
    tidy(() => {
      const conv = new GroupConv({ group, lifting: false, ...shape }, generator);
      const norm = new FieldNorm(shape.output);
      norm.train(false);
      norm.runningMean.copy_(generator.normal([shape.output]));
      norm.runningVar.copy_(generator.normal([shape.output]).square().add(0.5));
      norm.bias.copy_(generator.normal([shape.output]));
      const x = generator.normal([3, 64, 40, 70]).contiguous("channels_last"); // more than is multiplied at once
      const unfused = () => norm.forward(conv.forward(x));
      expect(distance(conv.normed(x, norm), unfused())).toBeLessThan(3e-6);
      conv.weight.copy_(generator.normal(conv.weight.shape));
      expect(distance(conv.normed(x, norm), unfused())).toBeLessThan(3e-6);
    }),
  );
});
