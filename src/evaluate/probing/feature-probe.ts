/** A probe of another program's features: what grades say of them, and the scores of all rows that have some. */
import { join } from "node:path";
import { type GradedRows, openGradedRows } from "../../dataset/graded/graded-rows.ts";
import { openUnlabelled, type UnlabelledDataset } from "../../dataset/unlabelled.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { Progress } from "../../foundation/progress.ts";
import { gradingOf } from "../../train/grading-fields.ts";
import { type FeatureTable, readFeatures, vectorsOf } from "../features/feature-table.ts";
import { ranking, type ScoredImages, writeScores } from "../scores.ts";
import type { ProbeConfig } from "./config.ts";
import { foldsFor, refuseMany } from "./graded-limits.ts";
import {
  fitGradesProbe,
  type GradesProbe,
  heldOutProbabilities,
  probabilitiesOf,
  type Taught,
} from "./grades-probe.ts";
import type { HeldOut } from "./judged.ts";

export interface FeatureProbed extends Omit<HeldOut, "heldOut"> {
  readonly heldOut: Float64Array | null;
  readonly before: null;
  readonly notes: readonly string[];
  /** The table of scores, how many rows it has, and its best ids. */
  readonly scores: { readonly path: string; readonly rows: number; readonly best: readonly string[] };
}

/** Rows that the process is asked about together. */
const CHUNK = 4096;
const BEST = 5;
const CLASSES = ["not-lens", "lens"];

/** The file of scores in the folder of such a probe. */
const SCORES_FILE = "scores.csv";

/**
 * Learns the grades and writes the score of every row that has features: a table as `score` writes it, in which the graded rows
 * and those of their groups are marked.
 *
 * @throws ArcletError as `readFeatures` and `openGradedRows`, and where no or only one class of graded rows has features
 */
export async function makeFeatureProbe(
  config: ProbeConfig & { features: string },
  bar: (label: string, total: number) => Progress,
): Promise<FeatureProbed> {
  const { target, graded, gradedAlike: alike, folds, seed, out } = config;
  const table = await readFeatures(config.features);
  const domain = await openUnlabelled(target);
  try {
    await domain.verify();
    const all = await openGradedRows(target, graded, gradingOf("probe", config), { alike, bar });
    refuseMany(graded, all);
    const { rows, ids, lens, groups, features, notes } = withFeatures(table, domain, all, graded);
    const taught: Taught = { features, own: new Float64Array(ids.length), parts: [table.width], lens };
    const probe = await fitGradesProbe(taught);
    const possible = foldsFor({ lens, groups }, folds);
    const heldOut =
      possible.folds < 2 ? null : await heldOutProbabilities(taught, groups, { folds: possible.folds, seed });
    const path = join(out, SCORES_FILE);
    const scored = await scoredRows(table, domain, probe, new Set([...rows, ...all.left]), bar);
    const said = await writeScores(path, scored);
    const best = Array.from(ranking(scored).subarray(0, BEST), (row) => scored.ids[row]!);
    return {
      ...{ ids, lens, groups, heldOut, before: null },
      notes: [...table.notes, ...all.notes, ...notes, ...possible.notes, ...said],
      scores: { path, rows: scored.ids.length, best },
    };
  } finally {
    domain.close();
  }
}

/** The graded rows that have features. */
function withFeatures(table: FeatureTable, domain: UnlabelledDataset, graded: GradedRows, path: string) {
  const all = Array.from(graded.rows, (row) => domain.ids[row]!);
  const { values, found } = vectorsOf(table, all);
  const lens = Float64Array.from(found, (k) => graded.lens[k]!);
  const missing = all.length - found.length;
  const first = all.find((id) => !table.rowOf.has(id));
  const lenses = lens.filter((p) => p >= 0.5).length;
  if (found.length === 0 || lenses === 0 || lenses === found.length)
    throw new ArcletError({
      where: table.path,
      code: "conflict",
      problem:
        `has features of ${found.length} of the ${all.length} graded rows of ${path}, ` +
        `${lenses} of them lenses${first === undefined ? "" : `; the first without is ${first}`}`,
      fix: "both lenses and others need features, under the dataset's ids",
    });
  return {
    ids: Array.from(found, (k) => all[k]!),
    rows: Int32Array.from(found, (k) => graded.rows[k]!),
    groups: Array.from(found, (k) => graded.groups[k]!),
    lens,
    features: Float64Array.from(values),
    notes:
      missing === 0
        ? []
        : [
            `${table.path}: ${missing} of ${all.length} graded rows have no features and teach nothing, e.g. ${first}`,
          ],
  };
}

async function scoredRows(
  table: FeatureTable,
  domain: UnlabelledDataset,
  probe: GradesProbe,
  learned: ReadonlySet<number>,
  bar: (label: string, total: number) => Progress,
): Promise<ScoredImages> {
  const rows = [...domain.ids.keys()].filter((row) => table.rowOf.has(domain.ids[row]!));
  const probabilities = new Float32Array(2 * rows.length);
  const progress = bar("score", rows.length);
  for (let from = 0; from < rows.length; from += CHUNK) {
    const ids = rows.slice(from, from + CHUNK).map((row) => domain.ids[row]!);
    const features = Float64Array.from(vectorsOf(table, ids).values);
    const lens = probabilitiesOf(probe, { features, own: new Float64Array(ids.length) });
    for (const [k, p] of lens.entries()) {
      probabilities.set([1 - p, p], 2 * (from + k));
    }
    progress.tick(ids.length);
    await safePoint("nothing was written");
  }
  progress.done();
  const positions = domain.positions();
  const ofRows = (column: readonly (number | null)[]) => rows.map((row) => column[row]!);
  return {
    ids: rows.map((row) => domain.ids[row]!),
    ...{ classes: CLASSES, probabilities, positive: 1 },
    ...(positions && { positions: { ra: ofRows(positions.ra), dec: ofRows(positions.dec) } }),
    graded: Uint8Array.from(rows, (row) => Number(learned.has(row))),
  };
}
