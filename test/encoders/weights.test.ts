import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { buildEncoder } from "../../src/encoders/registry.ts";
import { loadEncoderWeights } from "../../src/encoders/weights.ts";
import { ones, tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { writeSafetensors } from "../../src/torch/safetensors.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "weights.safetensors");

const small = { widths: [2], kernel: 1 };
const build = (channels: number, name = "cnn", config: object = small, seed = 0) =>
  tidy(() => buildEncoder(name, { ...config }, { channels, size: [64, 64], generator: new Generator(seed) }));

/** A file of an encoder's weights, edited. */
function write(channels: number, change: (state: Map<string, Tensor>) => void = () => {}) {
  tidy(() => {
    const encoder = build(channels, "cnn", small, 9);
    const state = encoder.state();
    state.set("stages.0.conv.weight", tensor([1, 2, 3, 4, 5, 6].slice(0, 2 * channels), [2, channels, 1, 1]));
    change(state);
    writeSafetensors(path, state);
    encoder.dispose();
  });
}

const stem = (channels: number) => {
  const encoder = build(channels);
  const report = loadEncoderWeights(encoder, path);
  const values = encoder.state().get("stages.0.conv.weight")!.numbers();
  encoder.dispose();
  return { report, values };
};

test("three channels become one by their sum, and others by repeating and scaling", () => {
  const before = liveTensors();
  write(3);
  expect(stem(3).values).toEqual([1, 2, 3, 4, 5, 6]);
  const one = stem(1);
  expect(one.values).toEqual([6, 15]);
  expect(one.report.adapted).toEqual({ "stages.0.conv.weight": "3 channels summed to 1" });
  const five = stem(5).values;
  [1, 2, 3, 1, 2, 4, 5, 6, 4, 5].forEach((value, i) => {
    expect(five[i]!).toBeCloseTo((value * 3) / 5, 6);
  });
  expect(stem(2).values).toEqual([1.5, 3, 6, 7.5]);
  expect(liveTensors()).toBe(before);
});

test("missing and unexpected names are reported; other programs' prefixes are recognised", () => {
  write(3, (state) => {
    for (const [name, value] of [...state]) {
      state.delete(name);
      if (name !== "stages.0.norm.bias" && !name.endsWith("tracked")) state.set(`module.${name}`, value);
    }
    state.set("module.fc.weight", ones([5, 2]));
  });
  const { report } = stem(3);
  expect(report.missing).toEqual(["stages.0.norm.bias"]);
  expect(report.unexpected).toEqual(["module.fc.weight"]);
  expect(report.loaded).toBe(4);
});

test("a wrong shape and a file of something else are refused", () => {
  write(3, (state) => state.set("stages.0.norm.bias", ones([7])));
  expect(() => stem(3)).toThrow("weights.safetensors: stages.0.norm.bias must be of shape [2], got [7]");
  write(2);
  expect(() => stem(3)).toThrow("stages.0.conv.weight must be of shape [2,3,1,1], got [2,2,1,1]");
  tidy(() => writeSafetensors(path, new Map([["a.b", ones([1])]])));
  expect(() => stem(3)).toThrow(
    "has none of the encoder's 6 tensors: the encoder begins with stages.0.conv.weight, the file with a.b",
  );
});

test("a PyTorch file of another network is refused, naming the first tensor of each", () => {
  const file = fileURLToPath(new URL("../fixtures/pth/checkpoint.pth", import.meta.url));
  const encoder = build(1);
  expect(() => loadEncoderWeights(encoder, file)).toThrow(
    "has none of the encoder's 6 tensors: the encoder begins with stages.0.conv.weight, the file with 0.weight",
  );
  encoder.dispose();
});

test("a transformer's positions are resampled to the grid, and a constant stays constant", () => {
  const vit = (patch: number) => build(1, "vit_tiny_patch16_224", { patch, depth: 1, width: 6 });
  const from = vit(16);
  tidy(() => {
    const state = from.state();
    const rows = [9, ...Array.from({ length: 16 }, () => 2)];
    const columns = tensor(rows, [1, 17, 1]).expand([1, 17, 6]).contiguous();
    state.set("pos_embed", columns);
    state.delete("patch_embed.proj.weight");
    writeSafetensors(path, state);
  });
  const to = vit(8);
  const report = loadEncoderWeights(to, path);
  expect(report.adapted).toEqual({ pos_embed: "4 × 4 positions to 8 × 8" });
  const values = to.state().get("pos_embed")!;
  expect(values.shape).toEqual([1, 65, 6]);
  const [first, ...rest] = tidy(() => values.select(2, 3).numbers());
  expect(first).toBe(9);
  for (const value of rest) expect(value).toBeCloseTo(2, 5);
  from.dispose();
  to.dispose();
});
