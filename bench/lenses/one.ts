/** One run of the lenses' table, and its scores of the target's test: `one.ts JOB.json`. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openDataset } from "../../src/data/index.ts";
import { auroc, rankScores } from "../../src/evaluate/index.ts";
import { resolveConfig } from "../../src/foundation/config.ts";
import { writeFileWhole } from "../../src/foundation/files.ts";
import {
  type EpochRecord,
  LAST_MODEL_FILE,
  loadModel,
  MODEL_FILE,
  predictRows,
  type TrainConfig,
  train,
  trainSchema,
} from "../../src/train/index.ts";
import { givenJob, type Job, resultFile } from "../jobs.ts";

export interface LensJob extends Job {
  encoder: string;
  row: string;
  method: string;
  seed: number;
  source: string;
  target: string;
  /** Run to start from. */
  from: string | null;
  /** Values of train. */
  values: Record<string, unknown>;
}

export interface LensResult {
  encoder: string;
  row: string;
  seed: number;
  seconds: number;
  records: EpochRecord[];
  /** Scores of the test's images by the chosen and the last epoch, and which are lenses. */
  chosen: number[];
  last: number[];
  lenses: number[];
}

async function scores(file: string, folder: string): Promise<{ scores: number[]; lenses: number[] }> {
  const data = await openDataset(folder);
  const model = loadModel(file);
  try {
    const rows = data.labelledRows("test");
    const { probabilities, classes } = await predictRows(model, data, rows);
    const lens = classes.indexOf("lens");
    return {
      scores: Array.from(rows, (_, i) => probabilities[i * classes.length + lens]!),
      lenses: Array.from(data.labels(rows), (label) => Number(label === lens)),
    };
  } finally {
    model.network.dispose();
    data.close();
  }
}

const job = givenJob<LensJob>();
const { encoder, row, method, seed, source, target, from, values, out } = job;
const schema = trainSchema(method, encoder);
const known = Object.fromEntries(Object.entries(values).filter(([name]) => name in schema.shape));
const start = from === null ? { encoder } : { from };
const upper = method === "target-only";
const domains = upper ? { source: target } : { source, target, oracleSplits: ["test"] };
const flags = { ...known, ...start, ...domains, method, seed, out, precision: "bfloat16" };
const { values: config, origin } = resolveConfig("bench/lenses", schema, { flags });
if (existsSync(out)) rmSync(out, { recursive: true });
const clock = performance.now();
const { records } = await train(config as TrainConfig, origin);
const seconds = (performance.now() - clock) / 1000;
const chosen = await scores(join(out, MODEL_FILE), target);
const last = await scores(join(out, LAST_MODEL_FILE), target);
const { lenses } = chosen;
const result: LensResult = {
  encoder,
  row,
  seed,
  seconds,
  records,
  lenses,
  chosen: chosen.scores,
  last: last.scores,
};
writeFileWhole(resultFile(job), JSON.stringify(result));
const area = auroc(rankScores(Float64Array.from(chosen.scores), Uint8Array.from(lenses)));
console.log(`${encoder}, ${row}, seed ${seed}: ${area.toFixed(3)}, ${seconds.toFixed(0)} s`);
