/** What a comparison was asked: a YAML file, flags, or the file that an earlier one left in its folder. */
import { join } from "node:path";
import { Document } from "yaml";
import { z } from "zod";
import { methodNames } from "../adapt/registry.ts";
import { encoders } from "../encoders/registry.ts";
import type { Origin } from "../foundation/config.ts";
import { refuse } from "../foundation/errors.ts";
import { atLine, flowLists, readYaml } from "../foundation/yaml.ts";
import { startOf } from "../train/comparing/plan.ts";
import {
  BASE_ROW,
  type ComparisonSpec,
  checkedSpec,
  DEFAULT_ROWS,
  DEFAULT_SEEDS,
  ENSEMBLE_KINDS,
} from "../train/comparing/spec.ts";
import { DEFAULT_ENCODER } from "../train/config.ts";
import { readConfigFile } from "./config-file.ts";
import { flagOf } from "./options.ts";

/** The resolved comparison, in its folder. */
const SPEC_FILE = "comparison.yaml";
const DEFAULT_OUT = "runs/compare";

export const schema = z.strictObject({
  source: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "a comparison's YAML file; or the labelled source, a dataset folder; none to go on with what stands in --out",
    ),
  target: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("the target: a dataset folder; training reads no label of it"),
  out: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(`the folder of runs and tables (none: as the file says, else ${DEFAULT_OUT})`),
  methods: z
    .array(z.enum(methodNames))
    .min(1)
    .default(DEFAULT_ROWS)
    .describe("methods to compare; source-only, which the others start from, is always among them"),
  encoders: z
    .array(z.enum(Object.keys(encoders) as [string, ...string[]]))
    .min(1)
    .default([DEFAULT_ENCODER])
    .describe("networks to compare"),
  seeds: z
    .array(z.number().int().min(0))
    .min(1)
    .default(DEFAULT_SEEDS)
    .describe("every method with every encoder runs once for each"),
  base: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("a YAML or JSON file of train's values that all runs share"),
  data: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("the labelled dataset whose sealed split is opened (none: the target)"),
  split: z.enum(["val", "test"]).default("test").describe("the split that is opened"),
  positive: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("class that is looked for (none: lens, else the last)"),
  oracle: z
    .boolean()
    .default(false)
    .describe(
      "for experiments: read the test's labels after each epoch, for rows of the epoch that they would have chosen and for a " +
        "table of the validators",
    ),
  ensembles: z
    .array(z.enum(ENSEMBLE_KINDS))
    .default(["mean"])
    .describe("rows of all seeds' runs as one finder; stack is fitted on the source's val split"),
  parallel: z
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("runs at a time, which share the cores (none: as the file says, else one a core)"),
  dryRun: z.boolean().default(false).describe("list the runs and about how long they take, and run nothing"),
  tableOnly: z
    .boolean()
    .default(false)
    .describe("make the tables again from the scores that stand in the folder; no dataset is opened"),
});

export type CompareValues = z.output<typeof schema>;

/** What a file says of the comparison, and flags can't. */
const IN_FILE = ["methods", "encoders", "seeds", "base", "data", "split", "positive", "oracle", "ensembles"];

/** @returns the comparison, and what it is called in messages */
export function askedFor(
  values: CompareValues,
  origin: Record<string, Origin>,
): { spec: ComparisonSpec; where: string } {
  const { source, target, out, parallel } = values;
  if (source !== null && !/\.(ya?ml|json)$/i.test(source))
    return { spec: byFlags(values, source), where: "compare" };
  if (source === null && out === null)
    refuse("compare", "<source>", "a YAML file, or a dataset folder before the target's", null);
  const where = source ?? join(out!, SPEC_FILE);
  const also = IN_FILE.find((key) => origin[key] !== "default");
  if (also !== undefined) refuse("compare", flagOf(also), `left out where ${where} says it`, "given");
  if (target !== null) refuse("compare", "<target>", `left out where ${where} says it`, target);
  const file = readYaml(where);
  const inFile = file.values;
  const own = {
    ...(out === null ? {} : { out }),
    ...(parallel === null ? {} : { parallel }),
  };
  const told = typeof inFile === "object" && inFile !== null ? { ...inFile, ...own } : inFile;
  try {
    return { spec: checkedSpec(told, where), where };
  } catch (error) {
    throw atLine(error, where, file);
  }
}

function byFlags(values: CompareValues, source: string): ComparisonSpec {
  const { target, out, methods, encoders: networks, seeds, base, data, split, positive } = values;
  if (target === null) refuse("compare", "<target>", "given after the source", null);
  const rows = [...new Set([BASE_ROW, ...methods])];
  return checkedSpec(
    {
      source,
      target,
      test: { data, split, positive },
      out: out ?? DEFAULT_OUT,
      encoders: Object.fromEntries(networks.map((name) => [name, null])),
      methods: Object.fromEntries(rows.map((row) => [row, null])),
      settings: base === null ? {} : readConfigFile(base).values,
      seeds,
      parallel: values.parallel,
      oracle: values.oracle,
      ensembles: values.ensembles.map((by) => ({ by })),
    },
    base ?? "compare",
  );
}

/** The comparison as its file, every default written out: what each row starts from among them. */
export function specYaml(spec: ComparisonSpec): string {
  const methods = Object.entries(spec.methods).map(([row, one]) => [
    row,
    { method: one?.method ?? row, from: startOf(spec, row), settings: one?.settings ?? {} },
  ]);
  const document = new Document({ ...spec, methods: Object.fromEntries(methods) });
  flowLists(document);
  document.commentBefore = ` arclet compare --out ${spec.out} goes on with it`;
  return document.toString({ lineWidth: 100, flowCollectionPadding: true });
}

export const specFile = (out: string): string => join(out, SPEC_FILE);
