/**
 * What a comparison's runs say of the rows that they are compared on, kept in each run's folder: `scores/test-chosen.npy`,
 * logits (N, K), and beside it as JSON which model said it of which rows. Tables are made from these alone.
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

/** `test`: the rows that runs are judged on; `val`: the source's, which stackers learn from. */
export type ScoredRows = "test" | "val";

const about = z.strictObject({
  format: z.literal(1),
  /** In the order of the logits. */
  classes: z.array(z.string()),
  /** Content hash of the dataset, its split, and how many rows. */
  contentHash: z.string(),
  split: z.string(),
  rows: z.number().int(),
  /** The model's epoch, of how many, and what chose it. */
  epoch: z.number().int(),
  epochs: z.number().int(),
  chosenBy: z.string().nullable(),
  /** Whether target labels had a part in choosing it, or the model that it started from. */
  oracle: z.boolean(),
});

export interface RunScores extends z.output<typeof about> {
  /** N × K, row-major. */
  logits: Float32Array;
}

const place = (folder: string, of: ScoredRows, kind: EpochKind) => join(folder, "scores", `${of}-${kind}`);

export const hasScores = (folder: string, of: ScoredRows, kind: EpochKind): boolean =>
  existsSync(`${place(folder, of, kind)}.json`);

/**
 * Scores rows of a dataset by a run's epoch, unless that is done.
 *
 * @param tick told how many images are done
 * @throws ArcletError when the model does not fit the dataset; Interrupted at the user's wish
 */
export async function scoreRun(
  folder: string,
  of: ScoredRows,
  kind: EpochKind,
  test: { dataset: Dataset; rows: Rows; split: string },
  tick: (images: number) => void,
): Promise<void> {
  if (hasScores(folder, of, kind)) return tick(test.rows.length);
  const { info } = readModelInfo(join(folder, EPOCH_FILES[kind]));
  const { epoch, epochs, chosenBy, oracle, classes } = info;
  const said: z.output<typeof about> = {
    format: 1,
    classes: [...classes],
    contentHash: test.dataset.info.contentHash,
    split: test.split,
    rows: test.rows.length,
    ...{ epoch, epochs, chosenBy, oracle },
  };
  const before = scoredBefore(folder, of, said);
  if (before !== null) tick(test.rows.length);
  const logits = before ?? (await logitsOf(folder, kind, test, tick));
  const path = place(folder, of, kind);
  mkdirSync(join(folder, "scores"), { recursive: true });
  const writer = new NpyWriter(`${path}.npy.partial`, "f4", [classes.length]);
  writer.append(logits, test.rows.length);
  writer.close();
  renameSync(`${path}.npy.partial`, `${path}.npy`);
  // Written last: what it describes is whole.
  writeFileWhole(`${path}.json`, `${JSON.stringify(said, null, 2)}\n`);
}

/** The same epoch's logits of the same rows, where another kind has them: the last epoch is often the chosen one. */
function scoredBefore(folder: string, of: ScoredRows, said: z.output<typeof about>): Float32Array | null {
  for (const kind of Object.keys(EPOCH_FILES) as EpochKind[]) {
    if (!hasScores(folder, of, kind)) continue;
    const { logits, ...other } = readRunScores(folder, of, kind);
    const same = (["epoch", "contentHash", "split", "rows"] as const).every(
      (key) => other[key] === said[key],
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

/** Reads what `scoreRun` kept. @throws ArcletError naming the file */
export function readRunScores(folder: string, of: ScoredRows, kind: EpochKind): RunScores {
  const path = place(folder, of, kind);
  const parsed = about.safeParse(readJson(`${path}.json`));
  if (!parsed.success)
    throw new ArcletError({
      where: `${path}.json`,
      code: "broken",
      problem: "is not of a comparison's scores",
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
