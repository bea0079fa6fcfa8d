/** The settings of `arclet compare`. */
import { z } from "zod";
import { methods } from "../../adapt/registry.ts";
import { encoders } from "../../encoders/registry.ts";
import { positiveField } from "../../evaluate/positive.ts";
import { choice, choices, count, list, text, yes } from "../../foundation/field.ts";
import { DEFAULT_ROWS, DEFAULT_SEEDS, ENSEMBLE_KINDS } from "../../train/comparing/spec.ts";
import { DEFAULT_ENCODER } from "../../train/config.ts";

/** The default folder of runs and tables. */
export const DEFAULT_OUT = "runs/compare";

/** A function, since plug-ins may add names. */
export const compareConfig = () =>
  z.strictObject({
    source: text(
      "the labelled source: a dataset folder; or a comparison's YAML file; none to resume the comparison in --out",
      { default: null },
    ),
    target: text("the target: a dataset folder; training doesn't read its labels", { default: null }),
    out: text(`the folder of runs and tables (none: as the file says, else ${DEFAULT_OUT})`, {
      default: null,
    }),
    methods: choices(
      methods.names,
      "methods to compare; source-only, which the others start from, is always included",
      { default: DEFAULT_ROWS },
    ),
    encoders: choices(encoders.names, "networks to compare", {
      default: [DEFAULT_ENCODER],
    }),
    seeds: list(z.number().int().min(0), "seeds; every method with every encoder runs once for each", {
      default: DEFAULT_SEEDS,
    }),
    base: text("a YAML or JSON file of train's values that all runs share", { default: null }),
    data: text("the labelled dataset whose sealed split is opened (none: the target)", { default: null }),
    split: choice(["val", "test"], "the split that is opened", { default: "test" }),
    positive: positiveField(),
    oracle: yes(
      "for experiments: read the test's labels after each epoch, for rows of the epoch that they would choose and a table of " +
        "the validators",
    ),
    ensembles: choices(
      ENSEMBLE_KINDS,
      "rows that combine the runs of all seeds in one finder; stack is fitted on the source's val split",
      { least: 0, default: ["mean"] },
    ),
    parallel: count(
      "runs at a time, which share the cores (none: as the file says, else one for each core)",
      {
        default: null,
      },
    ),
    dryRun: yes("list the runs and how long they will take, and run nothing"),
    tableOnly: yes("write the tables again from the scores in the folder; no dataset is opened"),
  });

export type CompareValues = z.output<ReturnType<typeof compareConfig>>;
