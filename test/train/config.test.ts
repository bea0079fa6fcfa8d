import { expect, test } from "vitest";
import { methods } from "../../src/adapt/registry.ts";
import { resolveConfig } from "../../src/foundation/config.ts";
import { describeConfig } from "../../src/foundation/fields.ts";
import { readYaml } from "../../src/foundation/yaml.ts";
import type { ComparisonSpec } from "../../src/train/comparing/spec.ts";
import { trainSchema } from "../../src/train/config.ts";
import { groupOf } from "../../src/train/group.ts";
import { presetPrior } from "../../src/train/presets/presets.ts";
import { SURVEY_ADAPT_STEPS } from "../../src/train/presets/survey.ts";
import { stepsPerEpochOf } from "../../src/train/steps.ts";

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

test("the preset survey has the settings of the experiment on real sky, of every method and encoder in it", () => {
  const spec = readYaml("bench/cfhtls/cfhtls.yaml").values as ComparisonSpec;
  const { stepsPerEpoch, prior: _, precision: __, validateOn: ___, ...shared } = spec.settings;
  expect(SURVEY_ADAPT_STEPS).toBe(stepsPerEpoch);
  const names = Object.keys(spec.methods).filter((name) => methods.has(name));
  const groups = methods.names.map(groupOf);
  for (const [encoder, ofEncoder] of Object.entries(spec.encoders))
    for (const method of names) {
      // The comparison's own: shared settings, then the encoder's, nested or dotted; other methods' groups don't count.
      const expected = Object.entries({
        ...shared,
        ...dotted(shared),
        ...ofEncoder,
        ...dotted(ofEncoder ?? {}),
      })
        .filter(([key, value]) => typeof value !== "object" && !key.startsWith("equivariant."))
        .filter(([key]) => !groups.includes(key.split(".")[0]!) || key.startsWith(`${groupOf(method)}.`));
      const { values } = resolveConfig("train", trainSchema(method, encoder, "survey"), {
        flags: { source: "s", target: "t", out: "o" },
      });
      const actual = { ...values, ...dotted(values) } as Record<string, unknown>;
      for (const [key, value] of expected) expect(actual[key], `${method}, ${encoder}: ${key}`).toBe(value);
      expect(expected.length).toBeGreaterThan(6);
    }
});

/** The values in groups, by dotted key. */
const dotted = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).flatMap(([group, inner]) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.entries(inner).map(([key, value]) => [`${group}.${key}`, value])
        : [],
    ),
  );

test("epochs of adaptation have as many steps as is given for them, else for all, else as the preset says", () => {
  const steps = (config: Partial<Parameters<typeof stepsPerEpochOf>[0]>, target: number) =>
    stepsPerEpochOf(
      { stepsPerEpoch: null, adaptSteps: null, preset: "survey", ...config },
      { name: "any", epochs: 1, batch: { source: 8, target }, selectable: true },
      7,
    );
  expect([steps({}, 8), steps({}, 0)]).toEqual([40, 7]);
  expect([steps({ stepsPerEpoch: 3 }, 8), steps({ stepsPerEpoch: 3 }, 0)]).toEqual([3, 3]);
  expect([steps({ stepsPerEpoch: 3, adaptSteps: 2 }, 8), steps({ adaptSteps: 2 }, 0)]).toEqual([2, 7]);
  expect(steps({ preset: "paper" }, 8)).toBe(7);
});

test("the preset survey expects one lens in a hundred, of two classes", () => {
  expect(presetPrior("survey", ["not-lens", "lens"])).toEqual([0.99, 0.01]);
  expect(presetPrior("survey", ["lens", "spiral"])).toEqual([0.01, 0.99]);
  expect(presetPrior("survey", ["a", "b", "lens"])).toBeNull();
  expect(presetPrior("paper", ["not-lens", "lens"])).toBeNull();
});

test("a hyphenated name has a camel-case group", () => {
  expect(groupOf("self-ensembling")).toBe("selfEnsembling");
  expect(groupOf("adda")).toBe("adda");
});

test("an epoch of a phase without target is one pass, over the graded rows if it has no source", () => {
  const of = (more: Record<string, unknown>, batch: { source: number; target: number; graded?: number }) =>
    stepsPerEpochOf(
      { stepsPerEpoch: null, adaptSteps: null, preset: "survey", ...more },
      { name: "any", epochs: 1, batch, selectable: true },
      9,
    );
  const graded = { source: 0, target: 0, graded: 4 };
  expect(of({}, graded)).toBe(9);
  expect(of({ adaptSteps: 5 }, graded)).toBe(5);
  expect(of({ adaptSteps: 5 }, { source: 8, target: 0 })).toBe(9);
  expect(of({}, { source: 8, target: 8, graded: 4 })).toBe(SURVEY_ADAPT_STEPS);
});
