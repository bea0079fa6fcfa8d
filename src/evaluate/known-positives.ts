/** Scores of known positives to choose a threshold from: a model's on labelled rows, or a score table's by a truth table. */
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
import { type JudgingOptions, judgingRows, LEAVE_OUT } from "./graded-test.ts";
import { readJudged, type Truth } from "./judged.ts";
import { positiveOf } from "./positive.ts";
import { openSeal } from "./seal.ts";

/** Scores of objects that are known to be positives. */
export interface KnownPositives {
  scores: Float64Array;
  groups: ArrayLike<string | number>;
  /** The lenses that the promise holds for. */
  population: string;
}

interface PositivesOptions extends Omit<JudgingOptions, "fix"> {
  data: string | null;
  split: Split;
  positive: string | null;
  command: string;
}

/**
 * The positives of a labelled dataset, scored by a model.
 *
 * @param data the dataset's folder; null for the run's own source
 * @param command the command line that opens the seal, if it is the test split
 */
export async function positivesOfModel(input: string, options: PositivesOptions): Promise<KnownPositives> {
  const { data, split, positive, command } = options;
  const folder = data ?? sourceOf(input);
  const dataset = await openDataset(folder);
  const model = loadModel(input);
  try {
    const { classes } = model.info;
    const name = classes[positiveOf(classes, positive)]!;
    const label = dataset.info.classes.indexOf(name);
    if (label < 0) refuse(folder, "classes", `a list with ${name}, as in ${input}`, dataset.info.classes);
    await dataset.verify();
    const taught = [{ name: input, graded: model.info.graded ?? [] }];
    const judging = { ...options, fix: LEAVE_OUT };
    const labelled = await judgingRows(taught, dataset, dataset.labelledRows(split), folder, judging);
    if (split === "test") openSeal(folder, { command, run: input, split });
    const labels = dataset.labels(labelled);
    const rows = labelled.filter((_, i) => labels[i] === label);
    if (rows.length === 0) refuse(folder, `split ${split}`, `one with rows of ${name}`, "none");
    const bar = progress("threshold", rows.length, "images");
    const { probabilities } = await predictRows(model, dataset, rows, (n) => bar.tick(n));
    bar.done();
    const classIndex = classes.indexOf(name);
    return {
      scores: Float64Array.from(rows, (_, i) => probabilities[i * classes.length + classIndex]!),
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
    refuse(
      "threshold",
      "--data",
      `given if ${run} is neither a run folder nor a score table with --truth`,
      null,
    );
  const { path } = readRunConfig(run).inputs.source;
  if (!existsSync(path))
    throw new ArcletError({
      where: run,
      code: "absent",
      problem: `its source ${path} is missing`,
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

/** The positives of a truth table, scored by a score table. @param onNote called with each note for the user */
export async function positivesOfTable(
  input: string,
  truth: Truth,
  onNote: (note: string) => void,
): Promise<KnownPositives> {
  const judged = await readJudged(input, truth);
  for (const note of judged.notes) onNote(note);
  return {
    scores: judged.scores,
    groups: judged.groups,
    population: `objects drawn as the rows of ${truth.path} with ${truth.positives} were`,
  };
}
