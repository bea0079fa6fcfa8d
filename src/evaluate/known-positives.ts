/** Scores of known positives, from which a threshold is chosen: a model's on labelled rows, or a table's by a table of truth. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Dataset, openDataset } from "../dataset/dataset.ts";
import type { Split } from "../dataset/info.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { progress } from "../foundation/progress.ts";
import { loadModel } from "../train/model.ts";
import { predictRows } from "../train/predict.ts";
import { CONFIG_FILE, readRunConfig } from "../train/run.ts";
import { readJudged } from "./judged.ts";
import { positiveOf } from "./positive.ts";
import { openSeal } from "./seal.ts";

/** Scores of objects that are known to be positives. */
export interface KnownPositives {
  scores: Float64Array;
  groups: ArrayLike<string | number>;
  /** For which lenses the promise holds. */
  population: string;
}

/**
 * The positives of a labelled dataset, scored by a model.
 *
 * @param data the dataset's folder; null for the run's own source
 * @param command the command line that opens the seal, where it is the test split
 */
export async function positivesOfModel(
  input: string,
  {
    data,
    split,
    positive,
    command,
  }: { data: string | null; split: Split; positive: string | null; command: string },
): Promise<KnownPositives> {
  const folder = data ?? sourceOf(input);
  const dataset = await openDataset(folder);
  const model = loadModel(input);
  try {
    const { classes } = model.info;
    const name = classes[positiveOf(classes, positive)]!;
    const own = dataset.info.classes.indexOf(name);
    if (own < 0) refuse(folder, "classes", `such that hold ${name}, as ${input} does`, dataset.info.classes);
    if (split === "test") openSeal(folder, { command, run: input, split });
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

/** The positives of a table of truth, as a table of scores has them. @param say called with what a person should know */
export async function positivesOfTable(
  input: string,
  truth: string,
  positives: string,
  say: (line: string) => void,
): Promise<KnownPositives> {
  const judged = await readJudged(input, { path: truth, positives, negatives: null });
  for (const line of judged.said) say(line);
  return {
    scores: judged.scores,
    groups: judged.groups,
    population: `objects drawn as the rows of ${truth} with ${positives} were`,
  };
}
