/**
 * The scores of a comparison's runs, kept in each run's folder: `scores/test-chosen.npy`, logits (N, K), with a JSON file
 * that names the model and the rows. Tables are made from these alone.
 */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Dataset, Rows } from "../../dataset/dataset.ts";
import { NpyReader } from "../../dataset/npy.ts";
import { NpyWriter } from "../../dataset/npy-writer.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { readJson, writeFileWhole } from "../../foundation/files.ts";
import { LAST_MODEL_FILE, loadModel, MODEL_FILE, ORACLE_MODEL_FILE, readModelInfo } from "../model.ts";
import { predictRows } from "../predict.ts";

/** The epochs of a run that are compared, by the file of their model. */
export const EPOCH_FILES = {
  chosen: MODEL_FILE,
  last: LAST_MODEL_FILE,
  oracle: ORACLE_MODEL_FILE,
} as const;
export type EpochKind = keyof typeof EPOCH_FILES;
export const EPOCH_KINDS = Object.keys(EPOCH_FILES) as EpochKind[];

/** `test`: the rows that runs are judged on; `val`: the source's val rows, which stackers learn from. */
export type ScoredRows = "test" | "val";

const scoresInfo = z.strictObject({
  format: z.literal(1),
  /** In the order of the logits. */
  classes: z.array(z.string()),
  /** Content hash of the dataset, its split, and the number of rows. */
  contentHash: z.string(),
  split: z.string(),
  rows: z.number().int(),
  /** The model's epoch, the number of epochs, and what chose it. */
  epoch: z.number().int(),
  epochs: z.number().int(),
  chosenBy: z.string().nullable(),
  /** Whether target labels were used to choose it, or the model that it started from. */
  oracle: z.boolean(),
});

export interface RunScores extends z.output<typeof scoresInfo> {
  /** N × K, row-major. */
  logits: Float32Array;
}

const scoresPath = (folder: string, rows: ScoredRows, kind: EpochKind) =>
  join(folder, "scores", `${rows}-${kind}`);

export const hasScores = (folder: string, rows: ScoredRows, kind: EpochKind): boolean =>
  existsSync(`${scoresPath(folder, rows, kind)}.json`);

/**
 * Scores rows of a dataset with the model of a run's epoch, unless that is done.
 *
 * @param tick called with the number of images done since the last call
 * @throws ArcletError when the model doesn't fit the dataset; Interrupted when the user stops it
 */
export async function scoreRun(
  folder: string,
  rows: ScoredRows,
  kind: EpochKind,
  test: { dataset: Dataset; rows: Rows; split: string },
  tick: (images: number) => void,
): Promise<void> {
  if (hasScores(folder, rows, kind)) return tick(test.rows.length);
  const { info } = readModelInfo(join(folder, EPOCH_FILES[kind]));
  const { epoch, epochs, chosenBy, oracle, classes } = info;
  const scored: z.output<typeof scoresInfo> = {
    format: 1,
    classes: [...classes],
    contentHash: test.dataset.info.contentHash,
    split: test.split,
    rows: test.rows.length,
    ...{ epoch, epochs, chosenBy, oracle },
  };
  const before = scoredBefore(folder, rows, scored);
  if (before !== null) tick(test.rows.length);
  const logits = before ?? (await logitsOf(folder, kind, test, tick));
  const path = scoresPath(folder, rows, kind);
  mkdirSync(join(folder, "scores"), { recursive: true });
  const writer = new NpyWriter(`${path}.npy.partial`, "f4", [classes.length]);
  writer.append(logits, test.rows.length);
  writer.close();
  renameSync(`${path}.npy.partial`, `${path}.npy`);
  // Written last, so that what it describes is complete.
  writeFileWhole(`${path}.json`, `${JSON.stringify(scored, null, 2)}\n`);
}

/** The same epoch's logits of the same rows, if another kind has them: the last epoch is often the chosen one. */
function scoredBefore(
  folder: string,
  rows: ScoredRows,
  scored: z.output<typeof scoresInfo>,
): Float32Array | null {
  for (const kind of Object.keys(EPOCH_FILES) as EpochKind[]) {
    if (!hasScores(folder, rows, kind)) continue;
    const { logits, ...other } = readRunScores(folder, rows, kind);
    const same = (["epoch", "contentHash", "split", "rows"] as const).every(
      (key) => other[key] === scored[key],
    );
    if (same) return logits;
  }
  return null;
}

async function logitsOf(
  folder: string,
  kind: EpochKind,
  { dataset, rows }: { dataset: Dataset; rows: Rows },
  tick: (images: number) => void,
): Promise<Float32Array> {
  const model = loadModel(join(folder, EPOCH_FILES[kind]));
  try {
    return (await predictRows(model, dataset, rows, tick)).logits;
  } finally {
    model.network.dispose();
  }
}

/** Reads the scores that `scoreRun` kept. @throws ArcletError naming the file */
export function readRunScores(folder: string, scored: ScoredRows, kind: EpochKind): RunScores {
  const path = scoresPath(folder, scored, kind);
  const parsed = scoresInfo.safeParse(readJson(`${path}.json`));
  if (!parsed.success)
    throw new ArcletError({
      where: `${path}.json`,
      code: "broken",
      problem: "does not describe a comparison's scores",
    });
  const reader = new NpyReader(`${path}.npy`);
  try {
    const { rows, classes } = parsed.data;
    if (reader.header.shape.join() !== [rows, classes.length].join())
      throw new ArcletError({
        where: `${path}.npy`,
        code: "broken",
        problem: `has shape [${reader.header.shape}], must be [${rows}, ${classes.length}]`,
      });
    return { ...parsed.data, logits: reader.read(0, rows) as Float32Array };
  } finally {
    reader.close();
  }
}
