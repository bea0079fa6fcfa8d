/** The settings of `arclet select`. */
import { z } from "zod";
import { choice, count, list, number, seed, text } from "../../foundation/field.ts";

/** The settings of `arclet select`. */
export const sampleConfig = z.strictObject({
  scores: text("the survey's score table: CSV, TSV, Parquet, VOTable or FITS, with id and score"),
  out: text("the sample to write, e.g. sample.csv; its design is written beside it"),
  top: count("rows of the highest scores, all of which are in the sample", { least: 0, default: 500 }),
  random: count("rows drawn at random from all others, bin by bin", { default: 1500 }),
  bins: count("bins of the ranking that these are drawn from", { most: 100, default: 8 }),
  by: choice(["rank", "score"], "what bins are even in: the rank's logarithm, or the score", {
    default: "rank",
  }),
  edges: list(z.number(), "where bins end instead: ranks, or scores with --by score (none: even)", {
    default: null,
  }),
  shares: list(
    z.number().gt(0),
    "each bin's share of the random rows, best bin first (none: by the root of its rows)",
    {
      default: null,
    },
  ),
  uncertain: count("rows drawn at random from those whose probability is near --around", {
    least: 0,
    default: 0,
  }),
  around: number("the probability of uncertain rows: calibrated if the table has it, else the score", {
    least: 0,
    most: 1,
    default: 0.5,
  }),
  within: number("how far from it uncertain rows may be", { above: 0, most: 1, default: 0.1 }),
  decoys: text(
    "a table or dataset of known objects, with id and label (lens or not-lens), to show among the others",
    {
      default: null,
    },
  ),
  decoyRate: number("the share of decoys in all that is shown", { above: 0, below: 1, default: 0.05 }),
  seed: seed(),
});

/** Values of `sampleConfig`. */
export type SampleConfig = z.output<typeof sampleConfig>;
