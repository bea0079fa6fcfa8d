/** One training run on digits, and its accuracy on the target's test: `one.ts JOB.json`. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openDataset } from "../../src/dataset/dataset.ts";
import { resolveConfig } from "../../src/foundation/config.ts";
import { writeFileWhole } from "../../src/foundation/files.ts";
import { type TrainConfig, trainSchema } from "../../src/train/config.ts";
import { LAST_MODEL_FILE, loadModel, MODEL_FILE } from "../../src/train/model.ts";
import { predictRows } from "../../src/train/predict.ts";
import { train } from "../../src/train/train.ts";
import { givenJob, type Job, resultFile } from "../jobs.ts";
import { METHODS } from "./settings.ts";

export interface DigitJob extends Job {
  row: string;
  source: string;
  target: string;
  seed: number;
}

export interface Result extends DigitJob {
  method: string;
  /** Part of the target's test images put into the right class, %. */
  chosen: number;
  last: number;
  seconds: number;
}

/** Accuracy on the target's test split, %. */
async function accuracy(file: string, folder: string): Promise<number> {
  const data = await openDataset(folder);
  const model = loadModel(file);
  try {
    const rows = data.labelledRows("test");
    const { probabilities, classes } = await predictRows(model, data, rows);
    const labels = data.labels(rows);
    const right = labels.filter((label, i) => {
      const own = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
      return own.indexOf(Math.max(...own)) === label;
    });
    return (100 * right.length) / rows.length;
  } finally {
    model.network.dispose();
    data.close();
  }
}

async function run(job: DigitJob): Promise<void> {
  const { row, source, target, seed, out } = job;
  const { method, values } = METHODS[row]!;
  const upper = method === "target-only";
  const schema = trainSchema(method, String(values.encoder));
  const known = Object.fromEntries(Object.entries(values).filter(([name]) => name in schema.shape));
  const start = job.after === undefined ? {} : { from: job.after };
  const given = {
    ...known,
    ...start,
    source: upper ? target : source,
    out,
    method,
    seed,
    precision: "bfloat16",
  };
  const flags = upper ? given : { ...given, target };
  const { values: config, origin } = resolveConfig("bench/digits", schema, { flags });
  if (existsSync(out)) rmSync(out, { recursive: true });
  const clock = performance.now();
  await train(config as TrainConfig, origin);
  const seconds = (performance.now() - clock) / 1000;
  const chosen = await accuracy(join(out, MODEL_FILE), target);
  const last = await accuracy(join(out, LAST_MODEL_FILE), target);
  const result: Result = { ...job, method, chosen, last, seconds };
  writeFileWhole(resultFile(job), `${JSON.stringify(result)}\n`);
  console.log(
    `${row}, seed ${seed}: ${chosen.toFixed(2)} % (last ${last.toFixed(2)} %), ${seconds.toFixed(0)} s`,
  );
}

await run(givenJob<DigitJob>());
