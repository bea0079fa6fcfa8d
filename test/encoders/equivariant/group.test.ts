import { expect, test } from "vitest";
import { Group, groupNames, transform } from "../../../src/encoders/equivariant/group.ts";
import { arange, tensor } from "../../../src/torch/create.ts";
import { tidy } from "../../../src/torch/scope.ts";

const groups = groupNames.map((name) => [name, new Group(name)] as const);

test("the groups have 2, 4, 8, 4, 8 and 16 elements", () => {
  expect(groups.map(([name, group]) => [name, group.order])).toEqual([
    ["C2", 2],
    ["C4", 4],
    ["C8", 8],
    ["D2", 4],
    ["D4", 8],
    ["D8", 16],
  ]);
});

const exact = groups.filter(([, group]) => group.exact);

test.each(exact)("%s: transforming by h, then by g, is transforming by their product", (_, group) => {
  tidy(() => {
    const image = arange(0, 12).reshape([3, 4]);
    group.elements.forEach((g, i) => {
      group.elements.forEach((h, j) => {
        const twice = transform(transform(image, h), g);
        const once = transform(image, group.elements[group.product[i]![j]!]!);
        expect(once.shape).toEqual(twice.shape);
        expect(once.numbers()).toEqual(twice.numbers());
      });
    });
  });
});

test.each(exact)("%s: elements are all different, and inverses undo", (_, group) => {
  tidy(() => {
    const image = arange(0, 9).reshape([3, 3]);
    const seen = group.elements.map((g) => String(transform(image, g).numbers()));
    expect(new Set(seen).size).toBe(group.order);
    group.elements.forEach((g, i) => {
      const back = transform(transform(image, g), group.elements[group.inverse[i]!]!);
      expect(back.numbers()).toEqual(image.numbers());
    });
  });
});

/** Rotations and reflections of the plane, y upwards: the elements of every group as matrices. */
const matrix = ({ mirrored, turns }: { mirrored: boolean; turns: number }) => {
  const [cos, sin] = [Math.cos((turns * Math.PI) / 2), Math.sin((turns * Math.PI) / 2)];
  const m = mirrored ? -1 : 1;
  return [m * cos, -sin, m * sin, cos] as const;
};

test.each(groups)("%s: elements multiply as matrices do, and inverses undo", (_, group) => {
  group.elements.forEach((g, i) => {
    const [a, b, c, d] = matrix(g);
    group.elements.forEach((h, j) => {
      const [e, f, k, l] = matrix(h);
      const product = [a * e + b * k, a * f + b * l, c * e + d * k, c * f + d * l];
      const stated = matrix(group.elements[group.product[i]![j]!]!);
      for (const [n, value] of product.entries()) expect(stated[n]!).toBeCloseTo(value, 12);
    });
    expect(group.product[i]![group.inverse[i]!]).toBe(0);
  });
});

test("rotations are counterclockwise and mirroring swaps left and right", () => {
  const image = tensor([1, 2, 3, 4], [2, 2]);
  expect(tidy(() => transform(image, { mirrored: false, turns: 1 }).numbers())).toEqual([2, 4, 1, 3]);
  expect(tidy(() => transform(image, { mirrored: true, turns: 0 }).numbers())).toEqual([2, 1, 4, 3]);
  expect(tidy(() => transform(image, { mirrored: true, turns: 1 }).numbers())).toEqual([1, 3, 2, 4]);
});
