import { expect, test } from "vitest";
import { headConfig } from "../../src/encoders/head.ts";
import { buildNetwork } from "../../src/encoders/network.ts";
import { buildEncoder, encoders } from "../../src/encoders/registry.ts";
import { AdamW } from "../../src/nn/optim/adamw.ts";
import { tensor } from "../../src/torch/create.ts";
import { crossEntropy } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { slow } from "../slow.ts";

slow("builds and runs every network");

const context = () => ({ channels: 3, generator: new Generator(0) });
const { names } = encoders;

test("an unknown encoder, key or value is refused by name", () => {
  expect(() => buildEncoder("equivarient", {}, context())).toThrow(
    `encoder: name must be one of ${names.join(", ")}, got "equivarient", did you mean equivariant?`,
  );
  expect(() => buildEncoder("cnn", { width: [3] }, context())).toThrow(
    "encoder cnn: width is not known, did you mean widths?",
  );
  expect(() => buildEncoder("equivariant", { group: "C3" }, context())).toThrow(
    'encoder equivariant: group must be one of C2, C4, C8, D2, D4, D8, got "C3"',
  );
});

test("the plain CNN's state names are stable", () => {
  const encoder = buildEncoder("cnn", { widths: [4, 8] }, context());
  const norm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
  expect([...encoder.state().keys()]).toEqual([
    "stages.0.conv.weight",
    ...norm.map((name) => `stages.0.norm.${name}`),
    "stages.1.conv.weight",
    ...norm.map((name) => `stages.1.norm.${name}`),
  ]);
});

test.each([
  ["cnn", { widths: [8, 16] }],
  ["equivariant", { fields: [2, 4], kernels: [3, 3], poolAfter: [1] }],
])("a network on %s learns three classes and leaves no tensor behind", (encoder, config) => {
  const before = liveTensors();
  const generator = new Generator(3);
  const head = headConfig.parse({ width: 16, dropout: 0.1 });
  const network = buildNetwork({ encoder, config, head, channels: 1, classes: 3, generator });
  const optimizer = new AdamW(network.namedParameters(), { lr: 0.01 });
  const labels = Array.from({ length: 30 }, (_, i) => i % 3);
  const losses: number[] = [];
  for (let step = 0; step < 30; step++) {
    tidy(() => {
      // class k has brightness k
      const y = tensor(labels, [30], { dtype: "int64" });
      const x = generator
        .normal([30, 1, 12, 12])
        .mul(0.3)
        .add(y.to("float32").reshape([30, 1, 1, 1]));
      optimizer.zeroGrad();
      const loss = crossEntropy(network.forward(x), y);
      loss.backward();
      losses.push(loss.item());
      optimizer.step();
    });
  }
  expect(losses[29]!).toBeLessThan(0.5 * losses[0]!);
  expect([...network.state().keys()].slice(-5)).toEqual([
    "head.1.weight",
    "head.1.bias",
    "head.2.weight",
    "classifier.weight",
    "classifier.bias",
  ]);
  optimizer.dispose();
  network.dispose();
  expect(liveTensors()).toBe(before);
});

test("a network without a head classifies the encoder's features", () => {
  const options = { encoder: "cnn", head: null, channels: 2, classes: 2, generator: new Generator(0) };
  const network = buildNetwork({ ...options, config: { widths: [4, 6] } });
  expect(tidy(() => network.features(new Generator(0).normal([3, 2, 9, 9])).shape)).toEqual([3, 6]);
  expect(() => buildNetwork({ ...options, classes: 1 })).toThrow(
    "network: classes must be two or more, got 1",
  );
});
