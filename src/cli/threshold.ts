/** `arclet threshold`: the score from which on a wished share of the lenses is found, with what it holds for. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Dataset, openDataset } from "../dataset/dataset.ts";
import { SPLITS } from "../dataset/info.ts";
import { type ConformalThreshold, conformalThreshold } from "../evaluate/conformal.ts";
import { readJudged } from "../evaluate/judged.ts";
import { positiveOf } from "../evaluate/positive.ts";
import { openSeal } from "../evaluate/seal.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded, writeFileWhole } from "../foundation/files.ts";
import { progress } from "../foundation/progress.ts";
import { provenance } from "../reports/provenance.ts";
import { loadModel } from "../train/model.ts";
import { predictRows } from "../train/predict.ts";
import { CONFIG_FILE, readRunConfig } from "../train/run.ts";
import { command } from "./command.ts";

const text = () => z.string().min(1).nullable().default(null);

const schema = z.strictObject({
  input: z.string().min(1).describe("a run folder or model file, or a score table (with --truth)"),
  completeness: z.number().gt(0).lt(1).default(0.9).describe("share of the lenses that is to be found"),
  data: text().describe("the labelled dataset whose lenses are scored (none: the run's source)"),
  split: z.enum(SPLITS).default("val").describe("its split; the network must not have been trained on it"),
  positive: text().describe("class that is looked for (none: lens, else the last)"),
  truth: text().describe("a table with ids, CSV or Parquet"),
  positives: text().describe("which of its rows are positives, e.g. 'grade >= 2'"),
  out: text().describe("write it there too, as JSON"),
});
type Values = z.output<typeof schema>;

export const threshold = command({
  details:
    "By split conformal prediction: of lenses that are drawn as the given ones were, each is found with at least the wished " +
    "probability, whatever the network. It promises nothing of other lenses: a threshold from simulated lenses holds for " +
    "lenses as the recipe draws them, and for real ones as far as they look alike.",
  schema,
  positionals: ["input"],
  example: "arclet threshold runs/adda --completeness 0.8 --out runs/adda/threshold.json",
  async run(values) {
    const { scores, groups, population } =
      values.truth === null ? await ofModel(values) : await ofTable(values, values.truth);
    const made = conformalThreshold(scores, values.completeness, groups);
    for (const line of told(made, population)) console.log(line);
    if (values.out !== null)
      writeFileWhole(
        values.out,
        `${JSON.stringify({ ...made, population, ...provenance("threshold") }, null, 2)}\n`,
      );
  },
});

interface Positives {
  scores: Float64Array;
  groups: ArrayLike<string | number>;
  /** For which lenses the promise holds. */
  population: string;
}

async function ofModel({ input, data, split, positive, positives }: Values): Promise<Positives> {
  if (positives !== null) refuse("threshold", "--positives", "given with --truth alone", positives);
  const folder = data ?? sourceOf(input);
  const dataset = await openDataset(folder);
  const model = loadModel(input);
  try {
    const { classes } = model.info;
    const name = classes[positiveOf(classes, positive)]!;
    const own = dataset.info.classes.indexOf(name);
    if (own < 0) refuse(folder, "classes", `such that hold ${name}, as ${input} does`, dataset.info.classes);
    if (split === "test") openSeal(folder, { command: provenance("threshold").command, run: input, split });
    const labelled = dataset.labelledRows(split);
    const labels = dataset.labels(labelled);
    const rows = labelled.filter((_, i) => labels[i] === own);
    if (rows.length === 0) refuse(folder, `split ${split}`, `one that holds rows of ${name}`, "none");
    const bar = progress("threshold", rows.length, "images");
    const { probabilities } = await predictRows(model, dataset, rows, (n) => bar.tick(n));
    bar.done();
    const place = classes.indexOf(name);
    return {
      scores: Float64Array.from(rows, (_, i) => probabilities[i * classes.length + place]!),
      groups: Array.from(rows, (row) => dataset.groups[row]!),
      population: populationOf(dataset, folder, name, split),
    };
  } finally {
    model.network.dispose();
    dataset.close();
  }
}

/** The folder of the source that a run was trained on. */
function sourceOf(run: string): string {
  const folder = guarded(run, () => statSync(run)).isDirectory() && existsSync(join(run, CONFIG_FILE));
  if (!folder)
    refuse("threshold", "--data", `given where ${run} is no run folder or score table with --truth`, null);
  const { path } = readRunConfig(run).inputs.source;
  if (!existsSync(path))
    throw new ArcletError({
      where: run,
      code: "absent",
      problem: `its source ${path} is not there`,
      fix: "give a labelled dataset with --data",
    });
  return path;
}

function populationOf({ info }: Dataset, folder: string, name: string, split: string): string {
  const { task, config } = info.provenance as { task?: unknown; config?: { recipe?: unknown } };
  const rows = `rows of class ${name} in the split ${split} of ${folder} (${info.name})`;
  if (task === "simulate")
    return `simulated lenses as the recipe ${config?.recipe ?? "default"} draws them, like the ${rows}; not real ones`;
  if (task === "paint") return `simulated arcs on hosts as painted, like the ${rows}; not real lenses`;
  return `objects drawn as the ${rows} were`;
}

async function ofTable({ input, positives, data }: Values, truth: string): Promise<Positives> {
  if (positives === null) refuse("threshold", "--positives", "given with --truth, e.g. 'grade >= 2'", null);
  if (data !== null) refuse("threshold", "--data", "given with a run, not with --truth", data);
  const judged = await readJudged(input, { path: truth, positives, negatives: null });
  for (const line of judged.said) console.log(line);
  return {
    scores: judged.scores,
    groups: judged.groups,
    population: `objects drawn as the rows of ${truth} with ${positives} were`,
  };
}

function told(made: ConformalThreshold, population: string): string[] {
  const { threshold: score, completeness, places, positives, range } = made;
  const where = places === positives ? "" : ` on ${places} places, each by its lowest score`;
  return [
    `threshold ${score}`,
    `It finds a further positive with a probability of ${completeness} or more, chosen on ${positives} positives${where}.`,
    `Thresholds chosen on so many find ${range.low.toFixed(3)} to ${range.high.toFixed(3)} of all, in 95 % of the cases.`,
    `It holds for ${population}.`,
  ];
}
