import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { buildEncoder } from "../../src/encoders/registry.ts";
import { resampledPatches } from "../../src/encoders/resampling.ts";
import { loadEncoderWeights } from "../../src/encoders/weights.ts";
import { call } from "../../src/torch/call.ts";
import { full, ones, tensor } from "../../src/torch/create.ts";
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

test("one channel becomes several that give the same of a grey image, and goes back to what it was", () => {
  write(1);
  const three = stem(3);
  expect(three.report.adapted).toEqual({ "stages.0.conv.weight": "1 channel repeated to 3" });
  [1, 1, 1, 2, 2, 2].forEach((value, i) => {
    expect(three.values[i]!).toBeCloseTo(value / 3, 6);
  });
  write(3, (state) =>
    state.set(
      "stages.0.conv.weight",
      tensor(
        three.values.map((value) => value),
        [2, 3, 1, 1],
      ),
    ),
  );
  stem(1).values.forEach((value, i) => {
    expect(value).toBeCloseTo(i + 1, 6);
  });
});

test("whatever comes before all names is recognised; names under two prefixes are refused", () => {
  const under = (...prefixes: string[]) =>
    write(3, (state) => {
      for (const [name, value] of [...state]) {
        state.delete(name);
        for (const prefix of prefixes) state.set(prefix + name, value);
      }
    });
  under("model.zoobot.encoder.");
  const { report, values } = stem(3);
  expect([report.prefix, report.missing, report.unexpected]).toEqual(["model.zoobot.encoder.", [], []]);
  expect(values).toEqual([1, 2, 3, 4, 5, 6]);
  under("student.", "teacher.");
  expect(() => stem(3)).toThrow(
    "has the encoder's tensors 2 times, under student., teacher.; save those of one in a file of its own",
  );
  under("", "ema.");
  expect(stem(3).report.prefix).toBe("");
});

test("shards with an index are read as one file; a missing one, and one of another version, are refused", () => {
  const before = liveTensors();
  const index = join(folder, "model.safetensors.index.json");
  const shards: Map<string, Tensor>[] = [new Map(), new Map()];
  const files = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const weightMap: Record<string, string> = {};
  tidy(() => {
    const encoder = build(3, "cnn", small, 9);
    for (const [i, [name, value]] of [...encoder.state()].entries()) {
      shards[i % 2]!.set(name, value);
      weightMap[name] = files[i % 2]!;
    }
    for (const [k, file] of files.entries()) writeSafetensors(join(folder, file), shards[k]!);
    writeFileSync(index, JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap }));
    const whole = build(3);
    const report = loadEncoderWeights(whole, index);
    expect([report.loaded, report.missing, report.unexpected]).toEqual([6, [], []]);
    for (const [name, value] of encoder.state())
      expect(whole.state().get(name)!.numbers(), name).toEqual(value.numbers());
    writeFileSync(index, JSON.stringify({ weight_map: { ...weightMap, "head.weight": files[0] } }));
    expect(() => loadEncoderWeights(whole, index)).toThrow(
      /model-00001-of-00002\.safetensors: has no tensor head\.weight, which .*index\.json says it has/,
    );
    rmSync(join(folder, files[1]!));
    expect(() => loadEncoderWeights(whole, index)).toThrow(
      "index.json: names 1 files that are not beside it: model-00002-of-00002.safetensors; download them",
    );
    writeFileSync(index, "{}");
    expect(() => loadEncoderWeights(whole, index)).toThrow(/index\.json: .*weight_map/);
    writeFileSync(index, "weights");
    expect(() => loadEncoderWeights(whole, index)).toThrow("index.json: is not JSON");
    whole.dispose();
    encoder.dispose();
  });
  expect(liveTensors()).toBe(before);
});

test("ConvNeXt's layers load from linear ones and from 1×1 convolutions, and give the same features", () => {
  const thin = { blocks: [1, 1, 1, 1], width: 4 };
  const convolutions = build(3, "convnext_pico", thin, 1);
  const linear = build(3, "convnext_tiny", thin, 2);
  tidy(() => {
    const x = new Generator(3).normal([2, 3, 64, 64]);
    writeSafetensors(path, convolutions.state());
    const report = loadEncoderWeights(linear, path);
    expect(report.missing).toEqual([]);
    expect(report.adapted["stages.0.blocks.0.mlp.fc1.weight"]).toBe("1×1 convolution to linear");
    const features = convolutions.forward(x).numbers();
    linear
      .forward(x)
      .numbers()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(features[i]!, 5);
      });
    writeSafetensors(path, linear.state());
    const fresh = build(3, "convnext_pico", thin, 4);
    expect(loadEncoderWeights(fresh, path).adapted["stages.3.blocks.0.mlp.fc2.weight"]).toBe(
      "linear to 1×1 convolution",
    );
    expect(fresh.forward(x).numbers()).toEqual(convolutions.forward(x).numbers());
    fresh.dispose();
  });
  convolutions.dispose();
  linear.dispose();
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

test("registers have no position: all of a file's are resampled", () => {
  const vit = (patch: number) => build(1, "vit_small_patch14_reg4_dinov2", { patch, depth: 1, width: 6 });
  const from = vit(16);
  tidy(() => {
    const state = from.state();
    expect(state.get("pos_embed")!.shape).toEqual([1, 16, 6]);
    expect(state.get("reg_token")!.shape).toEqual([1, 4, 6]);
    state.set("pos_embed", full([1, 16, 6], 2));
    writeSafetensors(path, state);
  });
  const to = vit(8);
  expect(loadEncoderWeights(to, path).adapted).toEqual({
    pos_embed: "4 × 4 positions to 8 × 8",
    "patch_embed.proj.weight": "patches of 16 × 16 pixels to 8 × 8",
  });
  const values = tidy(() => to.state().get("pos_embed")!.numbers());
  expect(values).toHaveLength(64 * 6);
  for (const value of values) expect(value).toBeCloseTo(2, 5);
  from.dispose();
  to.dispose();
});

test("larger patches that were resized give what the smaller ones did", () => {
  tidy(() => {
    const weight = new Generator(5).normal([3, 2, 6, 6]);
    const images = new Generator(6).normal([4, 2, 6, 6]);
    const resized = call("aten::_upsample_bicubic2d_aa", images, [9, 9], false) as Tensor;
    const { value, how } = resampledPatches(weight, 9);
    expect(how).toBe("patches of 6 × 6 pixels to 9 × 9");
    const expected = images.flatten(1).matmul(weight.flatten(1).transpose(0, 1)).numbers();
    resized
      .flatten(1)
      .matmul(value.flatten(1).transpose(0, 1))
      .numbers()
      .forEach((product, i) => {
        expect(product).toBeCloseTo(expected[i]!, 4);
      });
    expect(resampledPatches(weight, 6).how).toBeUndefined();
  });
});

/** Debian's PyTorch, or none. */
const python = ["/usr/bin/python3", "python3"].find(
  (program) => spawnSync(program, ["-c", "import torch"], { stdio: "ignore" }).status === 0,
);

test.skipIf(python === undefined)("a pytorch_model.bin as PyTorch writes it is read by its content", () => {
  const file = join(folder, "pytorch_model.bin");
  const script = `
import torch
names = ("weight", "bias", "running_mean", "running_var")
norm = {"encoder.stages.0.norm." + name: torch.full((2,), 3.0) for name in names}
torch.save({"epoch": 1, "state_dict": {"encoder.stages.0.conv.weight": torch.arange(6.0).reshape(2, 3, 1, 1), **norm}}, ${JSON.stringify(file)})`;
  expect(spawnSync(python!, ["-c", script], { encoding: "utf8" }).stderr).toBe("");
  const encoder = build(1);
  const report = loadEncoderWeights(encoder, file);
  expect([report.loaded, report.prefix, report.missing]).toEqual([5, "encoder.", []]);
  expect(encoder.state().get("stages.0.conv.weight")!.numbers()).toEqual([3, 12]);
  encoder.dispose();
});
