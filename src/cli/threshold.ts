/** `arclet threshold`: the score threshold for the completeness you ask for, and the lenses that it holds for. */
import { z } from "zod";
import { SPLITS } from "../dataset/info.ts";
import { type ConformalThreshold, conformalThreshold } from "../evaluate/conformal.ts";
import type { KnownPositives } from "../evaluate/known-positives.ts";
import { positiveField } from "../evaluate/positive.ts";
import { commandLine } from "../foundation/command-line.ts";
import { refuse } from "../foundation/errors.ts";
import { choice, number, text, yes } from "../foundation/field.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

const schema = z.strictObject({
  input: text("a run folder, model file or finder, or a score table (with --truth)"),
  completeness: number("share of the lenses to find", { above: 0, below: 1, default: 0.9 }),
  data: text("the labelled dataset whose lenses are scored (none: the run's source)", { default: null }),
  split: choice(SPLITS, "its split; the network must not have been trained on it", { default: "val" }),
  positive: positiveField(),
  truth: text("a table with ids, CSV or Parquet", { default: null }),
  positives: text("which of its rows are positives, e.g. 'grade >= 2'", { default: null }),
  withoutGraded: yes("leave out lenses whose grades the finder learned from; they are refused else"),
  out: text("a JSON file to write it to as well", { default: null }),
});
type Values = z.output<typeof schema>;

export const threshold = command({
  details:
    "By split conformal prediction: a lens drawn as the given ones were is found with at least the completeness you ask for, " +
    "whatever the network. Nothing is promised for other lenses: a threshold from simulated lenses holds for lenses as the " +
    "recipe draws them, and for real ones only as far as they look alike.",
  schema,
  positionals: ["input"],
  example: "arclet threshold runs/adapted --completeness 0.8 --out runs/adapted/threshold.json",
  async run(values) {
    sayFinders(values.truth === null ? [values.input] : []);
    const { scores, groups, population } = await knownPositives(values);
    const result = conformalThreshold(scores, values.completeness, groups);
    for (const line of summaryLines(result, population)) console.log(line);
    if (values.out !== null)
      writeFileWhole(
        values.out,
        `${JSON.stringify({ ...result, population, ...provenance("threshold") }, null, 2)}\n`,
      );
  },
});

async function knownPositives(values: Values): Promise<KnownPositives> {
  const { input, data, split, positive, positives, truth, withoutGraded } = values;
  const { positivesOfModel, positivesOfTable } = await import("../evaluate/known-positives.ts");
  if (truth === null) {
    if (positives !== null) refuse("threshold", "--positives", "given only with --truth", positives);
    return positivesOfModel(input, {
      ...{ data, split, positive, withoutGraded },
      command: commandLine(),
      onNote: console.log,
    });
  }
  if (positives === null) refuse("threshold", "--positives", "given with --truth, e.g. 'grade >= 2'", null);
  if (data !== null) refuse("threshold", "--data", "given with a run, not with --truth", data);
  return positivesOfTable(
    input,
    { path: truth, positives: positives!, negatives: null, withoutGraded },
    console.log,
  );
}

function summaryLines(result: ConformalThreshold, population: string): string[] {
  const { threshold: score, completeness, places, positives, range } = result;
  const where = places === positives ? "" : ` at ${places} sky positions, each by its lowest score`;
  return [
    `threshold ${score}`,
    `It finds a further positive with a probability of ${completeness} or more, chosen on ${positives} positives${where}.`,
    `Thresholds chosen on this many find ${range.low.toFixed(3)} to ${range.high.toFixed(3)} of all, in 95 % of the cases.`,
    `It holds for ${population}.`,
  ];
}
