/** The builders of fields: their help, and the values that they accept. */
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { choice, choices, count, list, number, seed, text, texts, yes } from "../../src/foundation/field.ts";
import { describeConfig } from "../../src/foundation/fields.ts";

const schema = z.strictObject({
  out: text("a folder"),
  name: text("a name", { default: null }),
  size: number("a size", { above: 0, most: 10, default: 2.5, unit: "arcsec", group: "Pixels" }),
  part: number("a part", { least: 0, below: 1 }),
  folds: count("parts", { least: 2, most: 20, default: null }),
  steps: count("steps"),
  seed: seed(),
  fresh: yes("start again"),
  noise: yes("with noise", { default: true }),
  pixels: choice(["display", "flux"], "what of", { default: "flux" }),
  bands: texts("the bands"),
  tops: list(z.number().int(), "lengths", { least: 0, most: 3, default: [] }),
  splits: choices(["train", "val"], "splits", { default: ["val"] }),
});

test("help has every field's type, range, default, unit and heading", () => {
  const rows = describeConfig(schema).map((row) => [row.key, row.type, row.range, row.default].join(" | "));
  expect(rows).toEqual([
    "out | text |  | ",
    "name | text |  | none",
    "size | number | > 0 and at most 10 | 2.5",
    "part | number | at least 0 and < 1 | ",
    "folds | whole number | 2 to 20 | none",
    "steps | whole number | at least 1 | ",
    "seed | whole number | at least 0 | 0",
    "fresh | yes/no |  | false",
    "noise | yes/no |  | true",
    "pixels | one of display, flux |  | flux",
    "bands | list of texts | of length 1 or more | ",
    "tops | list of whole numbers | of length 3 or less | ",
    "splits | list chosen from train, val | of length 1 or more | val",
  ]);
  expect(describeConfig(schema)[2]).toMatchObject({ unit: "arcsec", group: "Pixels", description: "a size" });
});

test("a field without a default must be given, and one whose default is null may be none", () => {
  const required = { out: "x", part: 0.5, steps: 1, bands: ["g"] };
  const values = schema.parse(required);
  expect(values).toEqual({
    ...required,
    ...{ name: null, size: 2.5, folds: null, seed: 0, fresh: false, noise: true },
    ...{ pixels: "flux", tops: [], splits: ["val"] },
  });
  expectTypeOf(values.name).toEqualTypeOf<string | null>();
  expectTypeOf(values.size).toEqualTypeOf<number>();
  expectTypeOf(values.folds).toEqualTypeOf<number | null>();
  expectTypeOf(values.pixels).toEqualTypeOf<"display" | "flux">();
  expectTypeOf(values.splits).toEqualTypeOf<("train" | "val")[]>();
  const issues = schema.safeParse({}).error!.issues;
  expect(issues.map(({ path }) => path[0])).toEqual(["out", "part", "steps", "bands"]);
});

test.each([
  ["out", ""],
  ["size", 0],
  ["size", null],
  ["part", 1],
  ["folds", 1],
  ["steps", 1.5],
  ["seed", -1],
  ["pixels", "other"],
  ["bands", []],
  ["bands", [""]],
  ["tops", [1, 2, 3, 4]],
  ["splits", ["test"]],
])("%s is refused when it is %j", (key, value) => {
  const parsed = schema.safeParse({ out: "x", part: 0, steps: 1, bands: ["g"], [key]: value });
  expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([key]);
});
