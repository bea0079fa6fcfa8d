/** Depthwise convolution with our own gradient of the weight: libtorch's is the oracle. */
import { describe, expect, it } from "vitest";
import { Conv2d } from "../../src/nn/conv2d.ts";
import { autocast, grad } from "../../src/torch/autograd.ts";
import { conv2d, depthwiseConv2d } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

const largest = (x: Tensor): number => x.to("float32").abs().max().item();

describe("a depthwise convolution", () => {
  for (const [batch, channels, height, width, kernel, stride, padding] of [
    [3, 32, 6, 5, 3, 1, 1],
    [35, 40, 2, 2, 5, 1, 2],
    [2, 100, 9, 7, 5, 2, 0],
    [5, 48, 17, 17, 3, 2, 1],
    [2, 64, 1, 1, 3, 1, 1],
    [2, 16, 6, 6, 3, 1, 1],
  ] as const)
    it(`has libtorch's gradients: ${batch} × ${channels} × ${height} × ${width}, kernel ${kernel}, stride ${stride}, padding ${padding}`, () =>
      tidy(() => {
        const generator = new Generator(1);
        const x = generator.normal([batch, channels, height, width]).contiguous("channels_last").withGrad();
        const weight = generator.normal([channels, 1, kernel, kernel]).withGrad();
        const ours = depthwiseConv2d(x, weight, stride, padding);
        const theirs = conv2d(x, weight, { stride, padding, groups: channels });
        expect(largest(ours.sub(theirs))).toBeLessThan(1e-5);
        const slope = generator.normal(theirs.shape);
        const of = (y: Tensor) => grad(y.mul(slope).sum(), [x, weight]) as Tensor[];
        const gradients = of(theirs);
        for (const [i, gradient] of of(ours).entries())
          expect(largest(gradient.sub(gradients[i]!))).toBeLessThan(1e-5 * (1 + largest(gradients[i]!)));
      }));

  it("sums in float32 what is bfloat16, under autocast too", () =>
    tidy(() => {
      const generator = new Generator(2);
      const conv = new Conv2d(64, 64, 3, generator, { groups: 64, padding: 1, bias: false });
      const image = () => generator.normal([16, 64, 8, 8]).to("bfloat16").contiguous("channels_last");
      const [x, slope] = [image(), image()];
      const y = autocast("bfloat16", () => conv.forward(x.to("float32")));
      expect(y.dtype).toBe("bfloat16");
      const [low] = grad([y], [conv.weight], { outputGradients: [slope] }) as [Tensor];
      const whole = conv2d(x.to("float32"), conv.weight, { padding: 1, groups: 64 });
      const [high] = grad([whole], [conv.weight], { outputGradients: [slope.to("float32")] }) as [Tensor];
      expect(low.dtype).toBe("float32");
      expect(largest(low.sub(high))).toBeLessThan(2 ** -8 * largest(high));
    }));

  it("gives a gradient that can be differentiated, and none for a frozen weight", () =>
    tidy(() => {
      const generator = new Generator(3);
      const x = generator.normal([3, 32, 5, 5]).contiguous("channels_last").withGrad();
      const weight = generator.normal([32, 1, 3, 3]).withGrad();
      const [ours, theirs] = [
        depthwiseConv2d(x, weight, 1, 1),
        conv2d(x, weight, { padding: 1, groups: 32 }),
      ].map((y) => {
        const [first] = grad(y.square().sum(), [x], { createGraph: true }) as [Tensor];
        return grad(first.square().sum(), [weight])[0]!;
      }) as [Tensor, Tensor];
      expect(largest(ours.sub(theirs))).toBeLessThan(1e-5 * largest(theirs));
      const frozen = weight.detach();
      expect(grad(depthwiseConv2d(x, frozen, 1, 1).sum(), [x])[0]!.shape).toEqual(x.shape);
    }));
});
