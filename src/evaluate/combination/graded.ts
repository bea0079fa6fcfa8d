/** The rows that people graded, of a table of grades, matched to scores by id. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { queried, withDuckDB } from "../../catalog/duck.ts";
import { explained, openTable } from "../../catalog/table-file.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { loadTruth, type Truth } from "../judged.ts";
import { joinSettings } from "../scratch-database.ts";
import type { Input } from "./inputs.ts";
import type { JoinedScores } from "./joined.ts";

export interface GradedRows {
  readonly ids: readonly string[];
  /** 1 for a positive, 0 for a negative (N). */
  readonly positives: Uint8Array;
  /** By the table's column `group`; a row without one is a group of its own (N). */
  readonly groups: Uint32Array;
}

/**
 * @throws ArcletError naming the file for a condition that can't be read, an id that occurs twice, a row that meets both
 *   conditions, or one class only
 */
export async function readGraded(truth: Truth): Promise<GradedRows> {
  const scratch = mkdtempSync(join(tmpdir(), "arclet-graded-"));
  try {
    return await withDuckDB(
      ":memory:",
      truth.path,
      async (connection) => {
        const file = await openTable(truth.path, scratch);
        const fix = "arclet grades makes one row of several grades";
        await explained(file, scratch, () => loadTruth(connection, file, truth, fix));
        const rows = await queried(
          connection,
          `SELECT t.id, t.yes, p.number FROM t LEFT JOIN p ON t.sky_position = p.sky_position
           WHERE (yes OR no) AND t.id IS NOT NULL ORDER BY t.rowid`,
        );
        return {
          ids: rows.map(([id]) => String(id)),
          positives: Uint8Array.from(rows, ([, yes]) => Number(yes)),
          groups: Uint32Array.from(rows, ([, , number], i) =>
            number === null ? rows.length + i : Number(number),
          ),
        };
      },
      joinSettings(scratch),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Graded rows that have a score, as indices into the joined scores. */
export interface MatchedRows {
  /** (N) */
  readonly rows: readonly number[];
  readonly positives: Uint8Array;
  readonly groups: Uint32Array;
  readonly notes: readonly string[];
}

/** Each class must be in so many groups: cross-fitting within cross-fitting needs some on both sides. */
const LEAST_GROUPS = 4;

/**
 * @throws ArcletError for a table without a graded row, one whose graded scores are all the same, or too few groups of a class
 */
export function matchGraded(
  { path }: Pick<Truth, "path">,
  graded: GradedRows,
  inputs: readonly Input[],
  { rowOf, scores }: JoinedScores,
): MatchedRows {
  const known = [...graded.ids.keys()].filter((i) => rowOf.has(graded.ids[i]!));
  const unknown = graded.ids.length - known.length;
  const first = graded.ids.find((id) => !rowOf.has(id));
  const rows = known.map((i) => rowOf.get(graded.ids[i]!)!);
  const positives = Uint8Array.from(known, (i) => graded.positives[i]!);
  const groups = Uint32Array.from(known, (i) => graded.groups[i]!);
  if (known.length === 0)
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `none of its ${graded.ids.length} graded ids has a score: they look like ${first}, the scored ones like ${[...rowOf.keys()][0]}`,
    });
  refuseFewGroups(path, [...positives.keys()], positives, groups);
  for (const [k, input] of inputs.entries()) {
    const scored = [...rows.keys()].filter((i) => !Number.isNaN(scores[k]![rows[i]!]!));
    refuseFewGroups(input.path, scored, positives, groups);
    const values = new Set(scored.map((i) => scores[k]![rows[i]!]!));
    if (values.size === 1)
      refuse(input.path, input.column, "scores that differ among the graded rows", [...values][0]);
  }
  const notes =
    unknown === 0
      ? []
      : [`${path}: ${unknown} of its ${graded.ids.length} graded ids have no score, the first is ${first}`];
  return { rows, positives, groups, notes };
}

/** @param among indices of the graded rows that count */
function refuseFewGroups(
  path: string,
  among: readonly number[],
  positives: Uint8Array,
  groups: Uint32Array,
): void {
  for (const [truth, name] of [
    [1, "positives"],
    [0, "negatives"],
  ] as const) {
    const of = new Set(among.filter((i) => positives[i] === truth).map((i) => groups[i]!));
    if (of.size >= LEAST_GROUPS) continue;
    const must = `in ${LEAST_GROUPS} groups or more, so that some are always held out`;
    refuse(path, `graded ${name} with a score`, must, `${of.size} group${of.size === 1 ? "" : "s"}`);
  }
}
