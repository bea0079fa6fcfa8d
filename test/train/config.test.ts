import { expect, test } from "vitest";
import { resolveConfig } from "../../src/foundation/config.ts";
import { describeConfig } from "../../src/foundation/fields.ts";
import { trainSchema } from "../../src/train/config.ts";
import { groupOf } from "../../src/train/group.ts";

test("a run's values hold its method's and encoder's settings under their names, each described", () => {
  const rows = describeConfig(trainSchema("adda", "equivariant"));
  const keys = rows.map(({ key }) => key);
  for (const key of ["source", "adda.discriminatorLr", "equivariant.group", "weak.shift", "head.width"])
    expect(keys).toContain(key);
  expect(keys.some((key) => key.startsWith("cnn."))).toBe(false);
  for (const { key, description } of rows) expect(description, key).not.toBe("");
  const plain = describeConfig(trainSchema("source-only", "cnn")).map(({ key }) => key);
  expect(plain).toContain("cnn.widths");
  expect(plain.some((key) => key.startsWith("adda."))).toBe(false);
});

test("the policies' defaults are their own", () => {
  const rows = new Map(describeConfig(trainSchema("adda", "cnn")).map((row) => [row.key, row]));
  expect(rows.get("weak.noise")?.default).toBe("0");
  expect(rows.get("strong.noise")?.default).toBe("0.1");
  const { values } = resolveConfig("train", trainSchema("adda", "cnn"), {
    flags: { source: "s", target: "t", out: "o", "weak.shift": "0" },
  });
  expect(values.weak).toMatchObject({ flips: true, shift: 0 });
  expect(values.strong).toMatchObject({ crop: 0.7 });
});

test("a wrong value is refused, naming its key", () => {
  const resolve = (flags: Record<string, unknown>) =>
    resolveConfig("train", trainSchema("adda", "cnn"), { flags: { source: "s", out: "o", ...flags } });
  expect(() => resolve({ "adda.beta1": 1 })).toThrow(
    "train: adda.beta1 must be a number, at least 0 and < 1, got 1",
  );
  expect(() => resolve({ select: "oracel" })).toThrow("train: select must be one of infomax, entropy, snd");
  expect(() => resolve({ "dann.lambda": 1 })).toThrow("train: dann.lambda is not known");
});

test("the preset deeplense changes defaults, not what is given, and is described with its values", () => {
  const flags = { source: "s", target: "t", out: "o" };
  const of = (preset: string, more: Record<string, unknown> = {}) =>
    resolveConfig("train", trainSchema("adamatch", "cnn", preset), { flags: { ...flags, preset, ...more } })
      .values;
  expect(of("paper")).toMatchObject({ lr: 1e-3, adamatch: { lr: 0.03, optimizer: "sgd" } });
  expect(of("deeplense")).toMatchObject({
    lr: 1e-4,
    warmup: 3,
    adamatch: { lr: 3e-4, optimizer: "adamw", epochs: 5 },
  });
  expect(of("deeplense", { "adamatch.lr": "0.5" })).toMatchObject({ adamatch: { lr: 0.5 } });
  const row = describeConfig(trainSchema("adamatch", "cnn", "deeplense")).find(
    ({ key }) => key === "adamatch.lr",
  )!;
  expect(row).toMatchObject({ default: "0.0003", description: "peak learning rate" });
  expect(() => of("seed")).toThrow('train: preset "seed" is now called "deeplense"');
});

test("a hyphenated name has a camel-case group", () => {
  expect(groupOf("self-ensembling")).toBe("selfEnsembling");
  expect(groupOf("adda")).toBe("adda");
});
