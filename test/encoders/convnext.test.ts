import { expect, test } from "vitest";
import { buildEncoder } from "../../src/encoders/registry.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";

const build = () =>
  tidy(() => buildEncoder("convnext_atto", {}, { channels: 3, generator: new Generator(0) }));

test("ConvNeXt atto has the 3.37 million parameters of timm's without its classifier", () => {
  // 3.70 M with a classifier of 1000 classes on 320 features (timm's model card), 321,000 of them the classifier's.
  const encoder = build();
  const count = encoder.parameters().reduce((sum, parameter) => sum + parameter.size, 0);
  expect((count + 321_000) / 1e6).toBeCloseTo(3.7, 2);
  const names = [...encoder.state().keys()];
  expect(names.slice(0, 5)).toEqual([
    "stem.0.weight",
    "stem.0.bias",
    "stem.1.weight",
    "stem.1.bias",
    "stages.0.blocks.0.gamma",
  ]);
  expect(names).toContain("stages.1.downsample.1.weight");
  expect(names.slice(-2)).toEqual(["head.norm.weight", "head.norm.bias"]);
  encoder.dispose();
});

test("the gradient reaches every parameter", () => {
  const encoder = build();
  tidy(() => {
    const x = new Generator(1).normal([2, 3, 64, 64]);
    encoder.forward(x).square().sum().backward();
    for (const [name, parameter] of encoder.namedParameters())
      expect(parameter.grad!.abs().sum().item(), name).toBeGreaterThan(0);
  });
  encoder.dispose();
});
