import { describe, expect, test } from "vitest";
import { z } from "zod";
import { describeConfig, type Layers, resolveConfig } from "../../src/foundation/config.ts";

const SCHEMA = z.object({
  out: z.string().describe("folder to write"),
  epochs: z.int().min(1).default(7).describe("passes over the source"),
  seeing: z.number().positive().default(0.7).describe("PSF FWHM").meta({ unit: "arcsec" }),
  bands: z
    .array(z.enum(["g", "r", "i"]))
    .min(1)
    .default(["g", "r"]),
  weights: z.array(z.number().min(0)).optional(),
  range: z.tuple([z.number(), z.number()]).default([0.5, 3]),
  precision: z.enum(["auto", "float32"]).default("auto"),
  threads: z.union([z.int().min(1), z.literal("auto")]).default("auto"),
  balance: z.boolean().default(false),
  limit: z.number().nullable().default(null),
  size: z
    .int()
    .refine((n) => n % 2 === 0, "an even number")
    .default(64),
  method: z.object({
    name: z.enum(["source-only", "adda"]).default("adda"),
    rate: z.number().min(0).max(1).default(0.1),
  }),
});

const resolve = (layers: Layers) => resolveConfig("train", SCHEMA, layers);
const withOut = (flags: Record<string, unknown>, values?: Record<string, unknown>) =>
  resolve({ flags: { out: "runs/a", ...flags }, file: values && { path: "a.yaml", values } });

test("flags override the file, the file overrides defaults, and each value's origin is known", () => {
  const { values, origin } = resolve({
    flags: { out: "runs/a", epochs: 3 },
    file: { path: "a.yaml", values: { epochs: 5, seeing: 1.1, method: { rate: 0.5 } } },
  });
  expect(values).toMatchObject({
    out: "runs/a",
    epochs: 3,
    seeing: 1.1,
    method: { name: "adda", rate: 0.5 },
  });
  expect(origin).toEqual({
    out: "flag",
    epochs: "flag",
    seeing: "file",
    bands: "default",
    weights: "default",
    range: "default",
    precision: "default",
    threads: "default",
    balance: "default",
    limit: "default",
    size: "default",
    "method.name": "default",
    "method.rate": "file",
  });
});

test("texts of flags are read by the field's type", () => {
  const { values } = withOut({
    epochs: "3",
    seeing: "7e-1",
    bands: "r, i",
    weights: "0.5,2",
    range: "1,2",
    threads: "4",
    balance: "true",
    limit: "12",
    "method.rate": "0.25",
  });
  expect(values).toMatchObject({
    epochs: 3,
    seeing: 0.7,
    bands: ["r", "i"],
    weights: [0.5, 2],
    range: [1, 2],
    threads: 4,
    balance: true,
    limit: 12,
    method: { rate: 0.25 },
  });
  expect(withOut({ threads: "auto", limit: "none" }).values).toMatchObject({ threads: "auto", limit: null });
});

test("a text field keeps a text that looks like a number", () => {
  expect(resolve({ flags: { out: "12" } }).values.out).toBe("12");
});

test("a file may nest keys or write them with dots", () => {
  expect(withOut({}, { "method.rate": 0.9 }).values.method.rate).toBe(0.9);
  expect(withOut({}, { method: { rate: 0.9 } }).values.method.rate).toBe(0.9);
});

test("a file's texts are not read as numbers", () => {
  expect(() => withOut({}, { epochs: "3" })).toThrow(
    'a.yaml: epochs must be a whole number, at least 1, got "3"',
  );
});

describe("what is wrong, in one line", () => {
  const cases: [string, () => unknown, string][] = [
    ["missing", () => resolve({}), "train: out is missing; it must be text: folder to write"],
    [
      "not whole",
      () => withOut({ epochs: "1.5" }),
      'train: epochs must be a whole number, at least 1, got "1.5"',
    ],
    ["empty", () => withOut({ epochs: "" }), 'train: epochs must be a whole number, at least 1, got ""'],
    ["with a unit", () => withOut({ seeing: -1 }), "train: seeing must be a number, > 0 (arcsec), got -1"],
    [
      "not finite",
      () => withOut({ seeing: "NaN" }),
      'train: seeing must be a number, > 0 (arcsec), got "NaN"',
    ],
    [
      "an item of a list",
      () => withOut({ bands: "g,z" }),
      'train: bands must be a list chosen from g, r, i, of length 1 or more, got "g,z"',
    ],
    [
      "a choice",
      () => withOut({ precision: "half" }),
      'train: precision must be one of auto, float32, got "half"',
    ],
    [
      "two types",
      () => withOut({ threads: 0 }),
      "train: threads must be a whole number or auto, at least 1, got 0",
    ],
    ["yes or no", () => withOut({ balance: "maybe" }), 'train: balance must be yes/no, got "maybe"'],
    ["a schema's own rule", () => withOut({ size: 63 }), "train: size must be an even number, got 63"],
    ["nested", () => withOut({ "method.rate": 2 }), "train: method.rate must be a number, 0 to 1, got 2"],
    [
      "in the file",
      () => withOut({}, { method: { rate: 2 } }),
      "a.yaml: method.rate must be a number, 0 to 1, got 2",
    ],
    [
      "a value for a group",
      () => withOut({}, { method: "adda" }),
      'a.yaml: method must be a group of keys (method.name, method.rate), got "adda"',
    ],
    ["unknown", () => withOut({ lr: 1 }), "train: lr is not known"],
    ["nearly known", () => withOut({ epoch: 1 }), "train: epoch is not known, did you mean epochs?"],
    [
      "nearly known in the file",
      () => withOut({}, { method: { rat: 1 } }),
      "a.yaml: method.rat is not known, did you mean method.rate?",
    ],
  ];
  test.each(cases)("%s", (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ name: "ArcletError", message }));
  });

  test("a flag overrides a wrong value in the file", () => {
    expect(withOut({ epochs: 2 }, { epochs: 0 }).values.epochs).toBe(2);
  });

  test("keys can be spelled as flags", () => {
    const layers = { flags: { out: "a", epochs: "x" }, spell: (key: string) => `--${key}` };
    expect(() => resolve(layers)).toThrow("train: --epochs must be a whole number");
  });

  test("a rule over several fields", () => {
    const schema = z
      .object({ low: z.number().default(2), high: z.number().default(1) })
      .refine((v) => v.low < v.high, "low must be below high");
    expect(() => resolveConfig("simulate", schema, {})).toThrow("simulate: low must be below high");
  });
});

test("an optional group is left out until something in it is given", () => {
  const schema = z.object({ crop: z.object({ size: z.int().default(32) }).optional() });
  expect(resolveConfig("x", schema, {}).values).toEqual({});
  expect(resolveConfig("x", schema, { flags: { "crop.size": "8" } }).values).toEqual({ crop: { size: 8 } });
});

test("every field is described with type, default, range and unit", () => {
  const rows = new Map(describeConfig(SCHEMA).map((row) => [row.key, row]));
  expect(rows.get("seeing")).toEqual({
    key: "seeing",
    type: "number",
    default: "0.7",
    range: "> 0",
    description: "PSF FWHM",
    unit: "arcsec",
    group: "",
  });
  expect(rows.get("out")).toMatchObject({ type: "text", default: undefined, range: "" });
  expect(rows.get("epochs")).toMatchObject({ type: "whole number", range: "at least 1" });
  expect(rows.get("bands")).toMatchObject({ type: "list chosen from g, r, i", default: "g,r" });
  expect(rows.get("range")).toMatchObject({ type: "list of 2 values", default: "0.5,3" });
  expect(rows.get("weights")).toMatchObject({ type: "list of numbers", range: "each at least 0" });
  expect(rows.get("threads")).toMatchObject({ type: "whole number or auto", default: "auto" });
  expect(rows.get("limit")).toMatchObject({ type: "number", default: "none" });
  expect(rows.get("method.rate")).toMatchObject({ default: "0.1", range: "0 to 1" });
});
