/** Every encoder, written as ONNX, gives the features and the map that it gives in libtorch. */
import { describe, expect, test } from "vitest";
import { headConfig } from "../../src/encoders/head.ts";
import { buildNetwork, type NetworkOptions } from "../../src/encoders/network.ts";
import { encoders } from "../../src/encoders/registry.ts";
import { resolveConfig } from "../../src/foundation/config.ts";
import { noGrad } from "../../src/torch/autograd.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { slow } from "../slow.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";
import { expectSame, runtime } from "./both.ts";

slow("builds and runs every network");
noTensorIsLeft();

const SIDE = 32;

/** Small ones; the operators are those of the defaults. */
const SMALL: Record<string, Record<string, unknown>> = {
  densenet121: { blocks: [2, 2], growth: 8, width: 16 },
  resnet34d: { blocks: [1, 1, 1, 1], width: 16 },
  tf_efficientnet_b2_ns: { width: 0.25, depth: 0.3 },
  convnext_atto: { blocks: [1, 1, 1, 1], width: 8 },
  vit_tiny_patch16_224: { width: 24, depth: 2, heads: 3, patch: 8 },
};

const CASES: [string, Record<string, unknown>, Partial<NetworkOptions>?][] = [
  ...encoders.names.map((name): [string, Record<string, unknown>] => [name, SMALL[name] ?? {}]),
  ["equivariant", { preset: "deeplense", fields: [2, 3, 3, 4, 4, 3] }],
  ["equivariant", { group: "D8", fields: [2, 3], kernels: [5, 3], poolAfter: [1] }],
  ["cnn", { widths: [4, 6] }, { head: headConfig.parse({ width: 12 }) }],
  ["cnn", { widths: [4, 6] }, { classOf: [0, 1, 1] }],
  ["cnn", { widths: [4, 6] }, { kernel: { centres: 7, parts: [6, 6, 6, 6], positive: 1 } }],
];

describe.each(CASES)("%s %j", (name, given, more = {}) => {
  test.skipIf(!runtime)("is the same by ONNX Runtime", async () => {
    const entry = encoders.find(name);
    const flags = { ...entry.fitting?.([SIDE, SIDE]), ...given };
    const { values: config } = resolveConfig(`encoder ${name}`, entry.config, { flags });
    const size = [SIDE, SIDE] as const;
    const generator = new Generator(1);
    const network = tidy(() =>
      buildNetwork({
        ...{ encoder: name, config, head: null, channels: 3, size, classes: 2, generator },
        ...more,
      }),
    );
    // Moves the norms' statistics, and fills a probe's memory, which is zeros.
    tidy(() => noGrad(() => void network.train().encoder.forward(generator.normal([6, 3, SIDE, SIDE]))));
    if (more.kernel !== undefined)
      tidy(() => {
        for (const [part, buffer] of network.classifier.namedBuffers())
          buffer.copy_(
            generator
              .normal([...buffer.shape])
              .abs()
              .mul(part === "gamma" ? 0.1 : 0.5)
              .add(0.1),
          );
      });
    network.train(false);
    const graph = await expectSame([3, SIDE, SIDE], (x) => {
      const { map, features } = network.encoder.mapped(x);
      const ofHead = network.head === null ? features : network.head.forward(features);
      return { map, logits: network.classifier.forward(ofHead) };
    });
    const types = new Set([...graph.initializers.values()].map(({ dtype }) => dtype));
    types.delete("int64"); // sizes and axes of ONNX's own operators
    types.delete("int32");
    expect([...types]).toEqual(["float32"]);
    network.dispose();
  });
});
