import { afterAll, describe, expect, test } from "vitest";
import type { Encoder } from "../../src/encoders/encoder.ts";
import { buildEncoder } from "../../src/encoders/registry.ts";
import { VisionTransformer } from "../../src/encoders/vit.ts";
import { grad, noGrad } from "../../src/torch/autograd.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { slow } from "../slow.ts";
import { filled, type Oracle, oracleInput, readOracle } from "./oracle.ts";

slow("takes gradients of whole published networks");

const encoders = [
  ["resnet34d", "resnet34d", {}],
  ["tf_efficientnet_b2_ns", "tf_efficientnet_b2_ns", {}],
  ["densenet121", "densenet121", {}],
  ["vit_tiny_patch16_224", "vit_tiny_patch8_64", { patch: 8 }],
  // Of the rest there are numbers of a plain derivation in PyTorch: fixtures/encoders/rederived.py.
  ["resnet18", "resnet18", {}],
  ["resnet50", "resnet50", {}],
  ["efficientnet_b0", "efficientnet_b0", {}],
  ["convnext_atto", "convnext_atto", {}],
  ["convnext_pico", "convnext_pico", {}],
  ["convnext_nano", "convnext_nano", {}],
  ["convnext_tiny", "convnext_tiny", {}],
  ["convnext_small", "convnext_small", {}],
  ["convnext_base", "convnext_base", {}],
  ["vit_small_patch14_dinov2", "vit_small_patch14_dinov2", {}],
  ["vit_small_patch14_reg4_dinov2", "vit_small_patch14_reg4_dinov2", {}],
] as const;

/** Of these the numbers take seconds more, and their code is that of `convnext_pico` and `convnext_tiny`. */
const LARGE = new Set(["convnext_nano", "convnext_small", "convnext_base"]);
const EVERY = process.env.ARCLET_EVERY_ENCODER === "1";

const build = (name: string, config: Record<string, unknown>, side = 64): Encoder =>
  tidy(() => buildEncoder(name, config, { channels: 1, size: [side, side], generator: new Generator(0) }));

/** The encoder with the oracle's weights, in evaluation. */
function withOracleWeights(name: string, config: object, oracle: Oracle, dtype: "float32" | "float64") {
  const encoder = build(name, { ...config }, oracle.input_shape[2]).to("cpu", dtype);
  const counters = (entry: string) => entry.endsWith("num_batches_tracked");
  tidy(() => {
    const entries = Object.entries(oracle.state).filter(([entry]) => !counters(entry));
    const state = new Map(entries.map(([entry, shape]) => [entry, filled(entry, shape)]));
    const { missing } = encoder.load(state, { strict: false });
    expect(missing.filter((entry) => !counters(entry))).toEqual([]);
  });
  return encoder.train(false);
}

/** The whole feature map as in timm; for the transformer, its tokens after the last norm. */
const whole = (encoder: Encoder, x: Tensor) =>
  encoder instanceof VisionTransformer ? encoder.tokens(x) : encoder.mapped(x).map;

const worst = (got: readonly number[], expected: readonly number[], floor: number) =>
  Math.max(
    ...got.map((value, i) => Math.abs(value - expected[i]!) / Math.max(floor, Math.abs(expected[i]!))),
  );

/** Half a unit of the last digit: the oracle's norms have eight digits. */
const halfDigit = (value: number) => 0.5 * 10 ** (Math.floor(Math.log10(value)) - 7);

describe.each(encoders)("%s", (name, file, config) => {
  const oracle = readOracle(file);
  const built: Encoder[] = [];
  const made = new Map<string, Encoder>();
  /** Made once for all tests, since filling its weights takes longer than they do. */
  const weighted = (dtype: "float32" | "float64") => {
    const encoder = made.get(dtype) ?? withOracleWeights(name, config, oracle, dtype);
    if (!made.has(dtype)) built.push(encoder);
    made.set(dtype, encoder);
    return encoder;
  };
  afterAll(() => {
    for (const encoder of built) encoder.dispose();
  });

  test("has timm's names, shapes and order, and its number of parameters", () => {
    const encoder = build(name, { ...config }, oracle.input_shape[2]);
    built.push(encoder);
    expect([...encoder.state()].map(([entry, value]) => [entry, [...value.shape]])).toEqual(
      Object.entries(oracle.state),
    );
    const count = encoder.parameters().reduce((sum, parameter) => sum + parameter.size, 0);
    expect(count).toBe(oracle.parameters);
  });

  const left = LARGE.has(name) && !EVERY;
  const derived = !("options" in oracle);
  test.skipIf(left).each([
    ["float64", 1e-8, 1e-8],
    // Of the others float64 says all: single precision goes the same way.
    ...(derived && !EVERY ? [] : [["float32", 1e-3, 1e-3] as const]),
  ] as const)("gives timm's features and every gradient norm in %s", (dtype, featureBound, gradBound) => {
    const encoder = weighted(dtype);
    tidy(() => {
      const x = oracleInput(oracle.input_shape).to(dtype);
      const map = whole(encoder, x);
      expect(map.shape).toEqual(oracle.feature_shape);
      const expected = oracle.pooled.flat();
      const given = oracle.pooled[0]!.length;
      const pooled = tidy(() => encoder.forward(x).narrow(1, 0, given).numbers());
      const size = Math.sqrt(expected.reduce((sum, value) => sum + value ** 2, 0) / expected.length);
      expect(worst(pooled, expected, size)).toBeLessThan(featureBound);
      const loss = map.square().mean();
      expect(Math.abs(loss.item() / oracle.loss_mean_square - 1)).toBeLessThan(featureBound);
      expect(map.mean().item()).toBeCloseTo(oracle.output_mean, dtype === "float64" ? 9 : 4);
      loss.backward();
      const parameters = encoder.namedParameters();
      // ConvNeXt's last norm comes after the map: its gradient is that of the features' mean square.
      const after = [...parameters].filter(([, { grad }]) => grad === null);
      const ofFeatures =
        after.length === 0
          ? []
          : grad(
              encoder.forward(x).square().mean(),
              after.map(([, parameter]) => parameter),
            );
      expect(after.map(([entry]) => entry)).toEqual(
        name.startsWith("convnext") ? ["head.norm.weight", "head.norm.bias"] : [],
      );
      expect([...parameters.keys()].sort()).toEqual(Object.keys(oracle.grad_norm).sort());
      for (const [entry, parameter] of parameters) {
        const index = after.findIndex(([one]) => one === entry);
        const norm = (index < 0 ? parameter.grad! : ofFeatures[index]!).to("float64").norm().item();
        const expected = oracle.grad_norm[entry]!;
        const bound = gradBound * expected + halfDigit(expected);
        expect(Math.abs(norm - expected), entry).toBeLessThan(bound);
      }
    });
  });

  test.skipIf(left)("gives the same scores with folded norms as without", () => {
    const encoder = weighted("float64");
    tidy(() => {
      const x = oracleInput(oracle.input_shape);
      const plain = encoder.forward(x).detach().numbers();
      const folded = noGrad(() => encoder.forward(x)).numbers();
      expect(worst(folded, plain, Math.max(...plain.map(Math.abs)))).toBeLessThan(1e-12);
    });
  });
});

test("odd image sizes give timm's map sizes", () => {
  const x = new Generator(1).normal([1, 1, 45, 71]);
  for (const [name, channels] of [
    ["resnet34d", 512],
    ["tf_efficientnet_b2_ns", 1408],
  ] as const) {
    const encoder = build(name, {}).train(false);
    tidy(() => expect(noGrad(() => encoder.mapped(x)).map.shape).toEqual([1, channels, 2, 3]));
    encoder.dispose();
  }
  x.dispose();
});

test("the transformer refuses a patch that does not divide the image, and images of another size", () => {
  expect(() => build("vit_tiny_patch16_224", { patch: 7 })).toThrow(
    "encoder vit_tiny_patch16_224: patch must be a divisor of the image's sides 64 and 64, got 7",
  );
  const encoder = build("vit_tiny_patch16_224", { depth: 1 });
  expect(() => tidy(() => encoder.forward(new Generator(0).normal([1, 1, 48, 48])))).toThrow(
    'images must be 64 × 64 pixels, got "48 × 48"',
  );
  encoder.dispose();
});
