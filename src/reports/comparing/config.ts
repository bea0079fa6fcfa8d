/** What `arclet compare` asks for. */
import { z } from "zod";
import { methodNames } from "../../adapt/registry.ts";
import { encoders } from "../../encoders/registry.ts";
import { positiveField } from "../../evaluate/positive.ts";
import { choice, choices, count, list, text, yes } from "../../foundation/field.ts";
import { DEFAULT_ROWS, DEFAULT_SEEDS, ENSEMBLE_KINDS } from "../../train/comparing/spec.ts";
import { DEFAULT_ENCODER } from "../../train/config.ts";

/** The folder of runs and tables where none is given. */
export const DEFAULT_OUT = "runs/compare";

export const compareConfig = z.strictObject({
  source: text(
    "a comparison's YAML file; or the labelled source, a dataset folder; none to go on with what stands in --out",
    { default: null },
  ),
  target: text("the target: a dataset folder; training reads no label of it", { default: null }),
  out: text(`the folder of runs and tables (none: as the file says, else ${DEFAULT_OUT})`, { default: null }),
  methods: choices(
    methodNames,
    "methods to compare; source-only, which the others start from, is always among them",
    { default: DEFAULT_ROWS },
  ),
  encoders: choices(Object.keys(encoders) as [string, ...string[]], "networks to compare", {
    default: [DEFAULT_ENCODER],
  }),
  seeds: list(z.number().int().min(0), "every method with every encoder runs once for each", {
    default: DEFAULT_SEEDS,
  }),
  base: text("a YAML or JSON file of train's values that all runs share", { default: null }),
  data: text("the labelled dataset whose sealed split is opened (none: the target)", { default: null }),
  split: choice(["val", "test"], "the split that is opened", { default: "test" }),
  positive: positiveField(),
  oracle: yes(
    "for experiments: read the test's labels after each epoch, for rows of the epoch that they would have chosen and for a " +
      "table of the validators",
  ),
  ensembles: choices(
    ENSEMBLE_KINDS,
    "rows of all seeds' runs as one finder; stack is fitted on the source's val split",
    { least: 0, default: ["mean"] },
  ),
  parallel: count("runs at a time, which share the cores (none: as the file says, else one a core)", {
    default: null,
  }),
  dryRun: yes("list the runs and about how long they take, and run nothing"),
  tableOnly: yes("make the tables again from the scores that stand in the folder; no dataset is opened"),
});

export type CompareValues = z.output<typeof compareConfig>;
