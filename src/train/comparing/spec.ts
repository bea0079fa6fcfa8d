/** The spec of a comparison, a YAML file: methods × encoders × seeds. */
import { z } from "zod";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { type FieldPath, refuse } from "../../foundation/errors.ts";
import { choice, count, list, text, yes } from "../../foundation/field.ts";
import { DEFAULT_ENCODER } from "../config.ts";

/** Settings of `arclet train` by key, nested (`adda: { lr: 1e-4 }`) or dotted (`adda.lr: 1e-4`). */
const settings = z.record(z.string(), z.json());
export type Settings = z.output<typeof settings>;

const name = z.string().min(1);

/** The row that others start from and are compared with. */
export const BASE_ROW = "source-only";

/** The rows of a comparison by flags alone: the methods of the GSoC 2022 DeepLense project. */
export const DEFAULT_ROWS = [BASE_ROW, "adda", "self-ensembling", "adamatch"];
export const DEFAULT_SEEDS = [0, 1, 2];
export const ENSEMBLE_KINDS = ["mean", "stack"] as const;

const method = z.strictObject({
  method: name.optional().describe("the method (none: the row's name)"),
  from: z
    .string()
    .min(1)
    .nullable()
    .optional()
    .describe(
      "row whose run with the same encoder and seed it starts from (default source-only); null for a fresh start",
    ),
  settings: settings.default({}).describe("its own settings of train, which override all others"),
});

const ensemble = z.strictObject({
  name: name.optional().describe("the row's name in the table"),
  by: choice(
    ENSEMBLE_KINDS,
    "mean of the members' probabilities, or a logistic regression on their logits, fitted on the source's val split",
  ),
  rows: z
    .array(name)
    .min(1)
    .optional()
    .describe("rows that are members together (none: one ensemble per row)"),
  encoders: z
    .array(name)
    .min(1)
    .optional()
    .describe("encoders that are members together (none: one ensemble per encoder)"),
});
export type EnsembleSpec = z.output<typeof ensemble>;

export const comparisonSpec = z.strictObject({
  source: text("the labelled source: a dataset folder"),
  target: text("the target: a dataset folder; training reads no label of it"),
  test: z
    .strictObject({
      data: text("the labelled dataset to test on (none: the target)", { default: null }),
      split: choice(["val", "test"], "the split to open", { default: "test" }),
      // As positiveField in evaluate, a room that train may not import.
      positive: text("the positive class (none: lens, else the last)", { default: null }),
      name: text("the test's name", { default: "test" }),
    })
    .prefault({}),
  out: text("the folder for runs and tables", { default: "runs/compare" }),
  encoders: z
    .record(name, settings.nullable())
    .default({ [DEFAULT_ENCODER]: null })
    .describe("a name, and its settings of train; `encoder` among them if the name is not an encoder's"),
  methods: z
    .record(name, method.nullable())
    .default(Object.fromEntries(DEFAULT_ROWS.map((row) => [row, null])))
    .describe("a row's name, and its method, start and settings"),
  settings: settings.default({}).describe("settings of train that all runs share"),
  plugin: z
    .union([z.array(name), name.transform((path) => [path])])
    .default([])
    .describe("plug-in files; their methods and encoders can be compared"),
  seeds: list(z.number().int().min(0), "every method runs with every encoder once per seed", {
    default: DEFAULT_SEEDS,
  }),
  parallel: count("runs at a time, which share the cores (none: one per core)", { default: null }),
  oracle: yes(
    "read the test's labels after each epoch: to know the best epoch, and how well validators choose",
  ),
  ensembles: list(ensemble, "rows made of several runs' scores", { least: 0, default: [{ by: "mean" }] }),
});

/** What a comparison compares, as its YAML file says. */
export type ComparisonSpec = z.output<typeof comparisonSpec>;

/** Keys of train that the comparison itself sets. */
const RESERVED_KEYS = ["source", "target", "out", "method", "from", "seed", "resume", "oracleSplits"];

/**
 * Checks a comparison's values.
 *
 * @param where the file, or the command, for messages
 * @throws ArcletError naming the key
 */
export function checkedSpec(values: unknown, where: string): ComparisonSpec {
  const spec = checked(where, comparisonSpec, values ?? {}, { whole: "the comparison" });
  const rows = Object.keys(spec.methods);
  const encoders = Object.keys(spec.encoders);
  if (rows.length === 0) refuse(where, "methods", "one or more", "none");
  if (encoders.length === 0) refuse(where, "encoders", "one or more", "none");
  if (new Set(spec.seeds).size < spec.seeds.length) refuse(where, "seeds", "each named once", spec.seeds);
  for (const [row, entry] of Object.entries(spec.methods)) {
    refuseReservedKeys(where, ["methods", row, "settings"], entry?.settings ?? {}, [
      ...RESERVED_KEYS,
      "encoder",
    ]);
    if (entry?.from != null && (!rows.includes(entry.from) || entry.from === row))
      refuse(where, ["methods", row, "from"], `another row (${rows.join(", ")}) or null`, entry.from);
  }
  for (const [encoder, values] of Object.entries(spec.encoders))
    refuseReservedKeys(where, ["encoders", encoder], values ?? {}, RESERVED_KEYS);
  refuseReservedKeys(where, ["settings"], spec.settings, [...RESERVED_KEYS, "encoder"]);
  for (const [k, ensemble] of spec.ensembles.entries()) {
    refuseUnknown(where, ["ensembles", k, "rows"], ensemble.rows, rows);
    refuseUnknown(where, ["ensembles", k, "encoders"], ensemble.encoders, encoders);
  }
  if (spec.oracle && spec.test.data !== null && spec.test.data !== spec.target)
    refuse(where, "oracle", "false unless test.data is the target", true);
  return spec;
}

function refuseReservedKeys(
  where: string,
  at: FieldPath,
  given: Settings,
  reserved: readonly string[],
): void {
  const key = Object.keys(given).find((name) => reserved.includes(name));
  if (key !== undefined) refuse(where, [...at, key], "left out: the comparison sets it", given[key]);
}

function refuseUnknown(
  where: string,
  at: FieldPath,
  given: readonly string[] | undefined,
  known: readonly string[],
): void {
  const unknown = given?.find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(where, at, `one of ${known.join(", ")}`, unknown);
}
