import { describe, expect, it } from "vitest";
import { Conv2d } from "../../src/nn/conv2d.ts";
import { convFewPixels, hasFewPixels } from "../../src/nn/few-pixels.ts";
import { grad } from "../../src/torch/autograd.ts";
import { multiplyAdds } from "../../src/torch/cost.ts";
import { ones, tensor } from "../../src/torch/create.ts";
import { conv2d } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";

const square = (n: number) => [n, n] as const;

describe("a convolution of a few pixels as one matrix product", () => {
  it("sums what the kernel reaches", () => {
    // Of the kernel's nine taps 1 … 9 the pixel at the top left sees 5, 6, 8 and 9.
    const kernel = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
    const geometry = { stride: square(1), padding: square(1) };
    expect(convFewPixels(ones([1, 1, 2, 2]), kernel, null, geometry).numbers()).toEqual([28, 24, 16, 12]);
    expect(convFewPixels(ones([1, 1, 2, 2]), kernel, tensor([1]), geometry).numbers()).toEqual([
      29, 25, 17, 13,
    ]);
  });

  for (const [height, width, stride, padding, kernel] of [
    [2, 2, 1, 1, 3],
    [1, 1, 1, 1, 3],
    [1, 3, 1, 1, 3],
    [3, 3, 2, 1, 3],
    [3, 2, 2, 1, 3],
    [3, 3, 1, 0, 2],
    [2, 2, 1, 2, 5],
  ] as const)
    it(`equals libtorch's, with its gradients: ${height} × ${width}, stride ${stride}, padding ${padding}, kernel ${kernel}`, () => {
      const generator = new Generator(1);
      const geometry = { stride: square(stride), padding: square(padding) };
      const x = generator.normal([4, 6, height, width]).withGrad();
      const weight = generator.normal([5, 6, kernel, kernel]).withGrad();
      const bias = generator.normal([5]).withGrad();
      expect(hasFewPixels(x, weight, geometry)).toBe(true);
      const [ours, theirs] = [
        convFewPixels(x, weight, bias, geometry),
        conv2d(x, weight, { bias, stride: geometry.stride, padding: geometry.padding }),
      ];
      expect(ours.shape).toEqual(theirs.shape);
      expect(ours.sub(theirs).abs().max().item()).toBeLessThan(1e-4);
      const weights = generator.normal(theirs.shape);
      const of = (y: typeof ours) => grad(y.mul(weights).sum(), [x, weight, bias]);
      const gradients = of(theirs);
      for (const [k, gradient] of of(ours).entries())
        expect(gradient!.sub(gradients[k]!).abs().max().item()).toBeLessThan(1e-4);
    });

  it("is what Conv2d does for small maps alone, and a layer's padding decides", () => {
    const generator = new Generator(2);
    const geometry = (padding: number) => ({ stride: square(1), padding: square(padding) });
    const weight = ones([3, 2, 3, 3]);
    const takes = (n: number, padding: number) => hasFewPixels(ones([1, 2, n, n]), weight, geometry(padding));
    expect([takes(2, 1), takes(3, 0), takes(3, 1), takes(4, 0), takes(2, 0)]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(hasFewPixels(ones([1, 2, 2, 2]), ones([3, 2, 1, 1]), geometry(0))).toBe(false);
    const layer = new Conv2d(2, 3, 3, generator, { padding: 1 });
    tidy(() => {
      const x = generator.normal([2, 2, 2, 2]);
      const expected = conv2d(x, layer.weight, { bias: layer.bias, padding: 1 });
      expect(layer.forward(x).sub(expected).abs().max().item()).toBeLessThan(1e-5);
    });
  });

  it("costs what the convolution does, padding included", () => {
    const layer = new Conv2d(2, 3, 3, new Generator(3), { padding: 1 });
    const { count } = tidy(() => multiplyAdds(() => void layer.forward(ones([5, 2, 2, 2]))));
    expect(count).toBe(5 * 3 * 4 * 2 * 9);
  });

  it("lets libtorch refuse what does not fit", () => {
    const layer = new Conv2d(2, 3, 3, new Generator(3), { padding: 1 });
    expect(() => layer.forward(ones([1, 5, 2, 2]))).toThrow(/to have 2 channels, but got 5/);
  });
});
