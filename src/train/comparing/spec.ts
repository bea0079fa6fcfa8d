/** What a comparison is told: methods × encoders × seeds, as a YAML file says it. */
import { z } from "zod";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { type FieldPath, refuse } from "../../foundation/errors.ts";
import { choice, count, list, text, yes } from "../../foundation/field.ts";
import { DEFAULT_ENCODER } from "../config.ts";

/** Values of `arclet train` by key, nested (`adda: { lr: 1e-4 }`) or dotted (`adda.lr: 1e-4`). */
const settings = z.record(z.string(), z.json());
export type Settings = z.output<typeof settings>;

const name = z.string().min(1);

/** The row that others start from, and are compared with. */
export const BASE_ROW = "source-only";

/** What a comparison by flags alone compares: the methods of the GSoC 2022 DeepLense project. */
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
      "row whose run of the same encoder and seed it starts from (default source-only); null to start afresh",
    ),
  settings: settings.default({}).describe("its own values of train; they win over all others"),
});

const ensemble = z.strictObject({
  name: name.optional().describe("the row's name in the table"),
  by: choice(
    ENSEMBLE_KINDS,
    "mean of the members' probabilities, or a logistic regression on their logits, fitted on the source's val split",
  ),
  rows: z.array(name).min(1).optional().describe("rows that are members together (none: an ensemble a row)"),
  encoders: z
    .array(name)
    .min(1)
    .optional()
    .describe("encoders that are members together (none: an ensemble an encoder)"),
});
export type EnsembleSpec = z.output<typeof ensemble>;

export const comparisonSpec = z.strictObject({
  source: text("the labelled source: a dataset folder"),
  target: text("the target: a dataset folder; training reads no label of it"),
  test: z
    .strictObject({
      data: text("the labelled dataset whose split is opened (none: the target)", { default: null }),
      split: choice(["val", "test"], "the split that is opened", { default: "test" }),
      // As evaluate's positiveField, a room that training does not know.
      positive: text("class that is looked for (none: lens, else the last)", { default: null }),
      name: text("what the test is called", { default: "test" }),
    })
    .prefault({}),
  out: text("the folder of runs and tables", { default: "runs/compare" }),
  encoders: z
    .record(name, settings.nullable())
    .default({ [DEFAULT_ENCODER]: null })
    .describe("a name, and its values of train; `encoder` among them where the name is not an encoder's"),
  methods: z
    .record(name, method.nullable())
    .default(Object.fromEntries(DEFAULT_ROWS.map((row) => [row, null])))
    .describe("a row's name, and what it is"),
  settings: settings.default({}).describe("values of train that all runs share"),
  seeds: list(z.number().int().min(0), "every method with every encoder runs once for each", {
    default: DEFAULT_SEEDS,
  }),
  parallel: count("runs at a time, which share the cores (none: one a core)", { default: null }),
  oracle: yes(
    "read the test's labels after each epoch: the epoch that they would have chosen, and how well validators do",
  ),
  ensembles: list(ensemble, "rows made of several runs' scores", { least: 0, default: [{ by: "mean" }] }),
});

export type ComparisonSpec = z.output<typeof comparisonSpec>;

/** Keys of train that the comparison itself sets. */
const OWN_KEYS = ["source", "target", "out", "method", "from", "seed", "resume", "oracleSplits"];

/**
 * Checks a comparison's values.
 *
 * @param where the file, or the command, for messages
 * @throws ArcletError in one line that names the key
 */
export function checkedSpec(values: unknown, where: string): ComparisonSpec {
  const spec = checked(where, comparisonSpec, values ?? {}, { whole: "the comparison" });
  const rows = Object.keys(spec.methods);
  const encoders = Object.keys(spec.encoders);
  if (rows.length === 0) refuse(where, "methods", "one or more", "none");
  if (encoders.length === 0) refuse(where, "encoders", "one or more", "none");
  if (new Set(spec.seeds).size < spec.seeds.length) refuse(where, "seeds", "each named once", spec.seeds);
  for (const [row, one] of Object.entries(spec.methods)) {
    refuseOwnKeys(where, ["methods", row, "settings"], one?.settings ?? {}, [...OWN_KEYS, "encoder"]);
    if (one?.from != null && (!rows.includes(one.from) || one.from === row))
      refuse(where, ["methods", row, "from"], `another row (${rows.join(", ")}) or null`, one.from);
  }
  for (const [encoder, own] of Object.entries(spec.encoders))
    refuseOwnKeys(where, ["encoders", encoder], own ?? {}, OWN_KEYS);
  refuseOwnKeys(where, ["settings"], spec.settings, [...OWN_KEYS, "encoder"]);
  for (const [k, one] of spec.ensembles.entries()) {
    refuseStranger(where, ["ensembles", k, "rows"], one.rows, rows);
    refuseStranger(where, ["ensembles", k, "encoders"], one.encoders, encoders);
  }
  if (spec.oracle && spec.test.data !== null && spec.test.data !== spec.target)
    refuse(where, "oracle", "false where test.data is not the target", true);
  return spec;
}

function refuseOwnKeys(where: string, at: FieldPath, given: Settings, own: readonly string[]): void {
  const found = Object.keys(given).find((key) => own.includes(key));
  if (found !== undefined) refuse(where, [...at, found], "left out: the comparison sets it", given[found]);
}

function refuseStranger(
  where: string,
  at: FieldPath,
  given: readonly string[] | undefined,
  known: readonly string[],
): void {
  const stranger = given?.find((one) => !known.includes(one));
  if (stranger !== undefined) refuse(where, at, `out of ${known.join(", ")}`, stranger);
}
