/** Scores of a run of rows, as a file of a shard, and what the columns of the whole need to know of them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeCatalog } from "../../catalog/write.ts";
import { openPart } from "../../dataset/part.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { readJson, writeFileWhole } from "../../foundation/files.ts";
import { scoreByFinders } from "../cascade/score.ts";
import type { ScoreConfig } from "../score-config.ts";
import { type ScoredImages, scoreColumns, scoreValues } from "../scores.ts";
import type { RowRun } from "./batches.ts";

const schema = z.strictObject({
  classes: z.array(z.string()),
  calibrated: z.boolean(),
  calibratedBy: z.string(),
  /** Whether a row's sky position is known. */
  positions: z.boolean(),
  leak: z.boolean(),
  graded: z.boolean(),
  /** Whether a cascade scored. */
  rejected: z.boolean().default(false),
  notes: z.array(z.string()),
});

export type PartFacts = z.output<typeof schema>;

/** The files of a shard's `index`-th part; the table is there once both are whole. */
export const partFiles = (folder: string, index: number): { table: string; facts: string } => {
  const stem = join(folder, `rows-${String(index).padStart(5, "0")}`);
  return { table: `${stem}.parquet`, facts: `${stem}.json` };
};

export const readFacts = (path: string): PartFacts =>
  checked(path, schema, readJson(path), { code: "broken" });

/**
 * Scores a run of rows, unless that was done by an earlier attempt.
 *
 * @param tick called after each batch with how many images a model scored
 * @returns whether it was done now
 * @throws ArcletError as `openPart` and `scoreByFinders` do
 */
export async function scorePart(
  files: { table: string; facts: string },
  run: RowRun,
  config: ScoreConfig,
  tick: (images: number) => void,
): Promise<boolean> {
  if (existsSync(files.table)) return false;
  const domain = await openPart(run.folder, config.splits, run);
  try {
    const { notes, ...scoring } = await scoreByFinders(config.models, domain, domain.rows(), config, tick);
    const known = domain.positions();
    const none = () => domain.ids.map(() => null);
    const positions = known ?? { ra: none(), dec: none() };
    const images: ScoredImages = { ids: domain.ids, ...scoring, positions };
    const { classes, calibratedBy, leak } = scoring;
    const facts: PartFacts = {
      ...{ classes: [...classes], calibratedBy, leak, notes, positions: known !== undefined },
      calibrated: scoring.calibrated !== null,
      graded: scoring.graded !== null,
      rejected: scoring.rejected !== null,
    };
    writeFileWhole(files.facts, `${JSON.stringify(facts)}\n`);
    const columns = scoreColumns({ ...facts, positions: true });
    const rows = Array.from(domain.ids, (_, row) => scoreValues(images, row));
    await writeCatalog(files.table, columns, rows);
    return true;
  } finally {
    domain.close();
  }
}
