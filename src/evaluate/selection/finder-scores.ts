/** What a finder says of a dataset's images: a score table's rows, or models' scores made now. */
import { existsSync, statSync } from "node:fs";
import { explained, openTable } from "../../catalog/table-file.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { fileHash } from "../../dataset/hash.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { progress } from "../../foundation/progress.ts";
import { readModelInfo } from "../../train/model.ts";
import { loadScores } from "../score-table.ts";
import { writeScores } from "../scores.ts";
import type { Scoring } from "../scoring.ts";
import { inScratchDatabase } from "../scratch-database.ts";

export interface ScoredRow {
  readonly score: number;
  /** A model behind it learned from the row's grade, or from one of its group. */
  readonly graded: boolean;
}

/** A file that scores come from, with its SHA-256. */
export interface ScoreSource {
  readonly kind: "scores" | "model";
  /** As the user named it. */
  readonly name: string;
  readonly sha256: string;
}

export interface FinderScores {
  readonly rows: ReadonlyMap<string, ScoredRow>;
  readonly sources: readonly ScoreSource[];
  readonly notes: readonly string[];
}

/** Whether a path is a table of scores rather than what gives them. */
export const isTable = (path: string): boolean =>
  existsSync(path) && statSync(path).isFile() && !path.endsWith(".safetensors");

/** Reads a table with id and score. @throws ArcletError as `loadScores` */
export async function scoresOfTable(path: string): Promise<FinderScores> {
  return inScratchDatabase(path, async (connection, scratch) => {
    const file = await openTable(path, scratch);
    const { leak } = await explained(file, scratch, () => loadScores(connection, file));
    const reader = await connection.runAndReadAll("SELECT id, score, graded FROM s ORDER BY rowid");
    const [ids, scores, graded] = reader.getColumns() as [string[], number[], boolean[]];
    return {
      rows: new Map(ids.map((id, k) => [id, { score: scores[k]!, graded: graded[k]! }])),
      sources: [{ kind: "scores", name: path, sha256: fileHash(path) }],
      notes: leak ? [`${path}: a model behind it was trained on data that leak`] : [],
    };
  });
}

/**
 * Scores rows by models, averaged, and keeps the scores as a table.
 *
 * @param models runs, model files or finders
 * @param score scores them
 * @param out the table to write
 * @throws ArcletError as `scoreImages`, and for a model that was trained on these very images
 */
export async function scoresOfModels(
  models: readonly string[],
  dataset: Dataset,
  folder: string,
  rows: Int32Array,
  score: (tick: (images: number) => void) => Promise<Scoring>,
  out: string,
): Promise<FinderScores> {
  refuseOwnSources(models, dataset, folder, rows);
  const sources = models.map(
    (name): ScoreSource => ({ kind: "model", name, sha256: fileHash(readModelInfo(name).file) }),
  );
  const bar = progress("score", rows.length * models.length, "images");
  const { notes, ...scoring } = await score((n) => bar.tick(n)).finally(bar.done);
  const ids = Array.from(rows, (row) => dataset.ids[row]!);
  await writeScores(out, { ids, ...scoring });
  const { classes, probabilities, positive, graded } = scoring;
  return {
    rows: new Map(
      ids.map((id, k) => [
        id,
        { score: probabilities[k * classes.length + positive]!, graded: graded?.[k] === 1 },
      ]),
    ),
    sources,
    notes,
  };
}

/** @throws ArcletError for a model that was trained on these very images */
export function refuseOwnSources(
  models: readonly string[],
  dataset: Dataset,
  folder: string,
  rows: Int32Array,
): void {
  for (const name of models)
    refuseOwnSource(name, readModelInfo(name).info.provenance, dataset, folder, rows);
}

/** Images that a model learned from tell nothing of others. */
function refuseOwnSource(
  name: string,
  provenance: Record<string, unknown>,
  { info, splits }: Dataset,
  folder: string,
  rows: Int32Array,
): void {
  const inputs = Object.values((provenance.inputs ?? {}) as object).flat() as ({
    contentHash?: string;
  } | null)[];
  if (!inputs.some((input) => input?.contentHash === info.contentHash)) return;
  if (!rows.some((row) => splits[row] === "train")) return;
  throw new ArcletError({
    where: folder,
    code: "conflict",
    problem: `${name} was trained on its train rows, which it finds more easily than others`,
    fix: "--splits val takes the rest, or inject other arcs with another --seed",
  });
}

/** @throws ArcletError for tables and models together, or several tables */
export function refuseMixed(finders: readonly string[]): void {
  const tables = finders.filter(isTable);
  if (tables.length === 0 || finders.length === 1) return;
  refuse(
    "selection",
    "finders",
    "one table of scores, or models to average (arclet combine makes one table of several)",
    finders,
  );
}
