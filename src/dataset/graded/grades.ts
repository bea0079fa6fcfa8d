/**
 * People's grades of a dataset's rows, from a table of any format: rows by id, and what each says of how sure it is that
 * the row shows a lens.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type Condition, conditionOf } from "../../catalog/condition.ts";
import { inOneLine, lockDown, queried, withDuckDB } from "../../catalog/duck.ts";
import {
  columnsOf,
  explained,
  idOf,
  openTable,
  refuseEmpty,
  type TableFile,
  typedSource,
} from "../../catalog/table-file.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { fileHash } from "../hash.ts";

/** How a table says its grades: by two conditions, as truth tables are read, or by a number. */
export type Grading =
  | { positives: string; negatives: string }
  | {
      /** A column, or an expression of columns. */
      soft: string;
      /** Its values that mean: surely no lens, surely a lens. */
      range: readonly [number, number];
    };

/** A row that was graded. */
export interface Grade {
  id: string;
  /** Its first row in the table of grades, from 1. */
  row: number;
  /** How surely it is a lens, from 0 to 1. */
  lens: number;
  /** What it is if it is no lens, as graders name it; null if none does, or they differ. */
  kind: string | null;
}

/** A row of the table that is not used, with its reason. */
export interface GradeSetAside {
  /** From 1. */
  row: number;
  /** Empty if it has none. */
  id: string;
  reason: string;
}

export interface Grades {
  path: string;
  /** SHA-256 of the table's file. */
  sha256: string;
  /** In the table's order, each id once. */
  grades: Grade[];
  setAside: GradeSetAside[];
  /** Rows that meet neither condition: they are not graded. */
  neither: number;
}

/** The column that says who graded, if there is one. */
const GRADER = "grader";

/**
 * Reads grades, and with `kinds` the column, or the expression, that names what a row is if it is no lens. Rows of one id that have different graders are averaged. Without a column `grader`, rows of one id that differ
 * contradict each other, and with one a grader who differs from himself: such ids are set aside.
 *
 * @throws ArcletError naming the file for: an empty or missing file, a condition that can't be read, a row that meets both
 *   conditions, a number outside the range, and when no row is graded
 */
export async function readGrades(
  path: string,
  grading: Grading,
  kinds: string | null = null,
): Promise<Grades> {
  const scratch = mkdtempSync(join(tmpdir(), "arclet-grades-"));
  try {
    const file = await openTable(path, scratch);
    const rows = await explained(file, scratch, () =>
      withDuckDB(":memory:", path, (connection) =>
        inOneLine(path, () => rowsOf(connection, file, grading, kinds)),
      ),
    );
    const setAside: GradeSetAside[] = [];
    const said = rows.flatMap((row) => gradeOf(path, row, grading, setAside));
    const grades = agreed(said, setAside);
    if (grades.length === 0)
      throw new ArcletError({
        where: path,
        code: "empty",
        problem: `none of its ${rows.length} rows is graded (${gradingText(grading)})`,
      });
    const neither = "soft" in grading ? 0 : rows.filter(({ yes, no }) => !yes && !no).length;
    setAside.sort((a, b) => a.row - b.row);
    return { path, sha256: fileHash(path), grades, setAside, neither };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** How grades are read, in words. */
export const gradingText = (grading: Grading): string =>
  "soft" in grading
    ? `${grading.soft} from ${grading.range.join(" to ")}`
    : `lens: ${grading.positives}; no lens: ${grading.negatives}`;

/** A row of the table. */
interface Row {
  /** From 1. */
  row: number;
  id: string;
  yes: boolean;
  no: boolean;
  /** The soft label as a number, null for none; and as it is written. */
  soft: number | null;
  written: string | null;
  grader: string;
  kind: string | null;
}

async function rowsOf(
  connection: DuckDBConnection,
  file: TableFile,
  grading: Grading,
  kinds: string | null,
): Promise<Row[]> {
  const { path } = file;
  const names = await columnsOf(connection, file, []);
  const { name, id } = await idOf(connection, file, names);
  await refuseEmpty(connection, file);
  const condition = (text: string) => conditionOf(connection, path, text);
  const never = await condition("false");
  const [yes, no, soft] =
    "soft" in grading
      ? [never, never, await condition(grading.soft)]
      : [await condition(grading.positives), await condition(grading.negatives), await condition("null")];
  const kind = await condition(kinds ?? "null");
  const grader = names.find((one) => one.toLowerCase() === GRADER);
  const texts = [name, ...(grader === undefined ? [] : [grader])];
  const from = await typedSource(connection, file, [yes, no, soft, kind] satisfies Condition[], texts);
  // Only now is anything run that the user wrote.
  await lockDown(connection, [file.read]);
  await connection.run(
    `CREATE TEMP TABLE g AS SELECT ${id} AS id, coalesce(${yes.sql}, false) AS yes, coalesce(${no.sql}, false) AS no,
     TRY_CAST(${soft.sql} AS DOUBLE) AS soft, (${soft.sql})::VARCHAR AS written,
     ${grader === undefined ? "''" : `coalesce(trim("${grader}"::VARCHAR), '')`} AS grader,
     nullif(trim((${kind.sql})::VARCHAR), '') AS kind FROM ${from}`,
  );
  const found = await queried(
    connection,
    "SELECT id, yes, no, soft, written, grader, kind FROM g ORDER BY rowid",
  );
  return found.map(([ofId, ofYes, ofNo, number, written, who, ofKind], row) => ({
    row: row + 1,
    id: ofId === null ? "" : String(ofId).normalize("NFC"),
    yes: ofYes === true,
    no: ofNo === true,
    soft: number === null || Number.isNaN(number) ? null : Number(number),
    written: written === null ? null : String(written),
    grader: String(who),
    kind: ofKind === null ? null : String(ofKind),
  }));
}

/** What a row says; nothing for one that is not graded or was set aside. */
function gradeOf(
  path: string,
  { row, id, yes, no, soft, written, grader, kind }: Row,
  grading: Grading,
  setAside: GradeSetAside[],
): Said[] {
  const aside = (reason: string) => {
    setAside.push({ row, id, reason });
    return [];
  };
  if (!("soft" in grading)) {
    if (yes && no)
      throw new ArcletError({
        where: path,
        row,
        id,
        code: "conflict",
        problem: `meets both (${grading.positives}) and (${grading.negatives})`,
      });
    if (!yes && !no) return [];
    return id === "" ? aside("it has no id") : [{ row, id, grader, kind, lens: yes ? 1 : 0 }];
  }
  if (id === "") return aside("it has no id");
  if (soft === null)
    return aside(written === null ? `no ${grading.soft}` : `${grading.soft} is ${written}, not a number`);
  const [low, high] = grading.range;
  if (soft < Math.min(low, high) || soft > Math.max(low, high))
    refuse({ where: path, row, id }, grading.soft, `from ${low} to ${high} (--graded-range)`, soft);
  return [{ row, id, grader, kind, lens: (soft - low) / (high - low) }];
}

interface Said {
  row: number;
  id: string;
  grader: string;
  kind: string | null;
  lens: number;
}

/** One grade for each id. */
function agreed(said: readonly Said[], setAside: GradeSetAside[]): Grade[] {
  const byId = new Map<string, Said[]>();
  for (const one of said) {
    const before = byId.get(one.id);
    if (before === undefined) byId.set(one.id, [one]);
    else before.push(one);
  }
  return [...byId].flatMap(([id, all]): Grade[] => {
    const byGrader = new Map<string, Said>();
    for (const one of all) {
      const before = byGrader.get(one.grader);
      if (before !== undefined && before.lens !== one.lens) {
        const who = one.grader === "" ? "it is graded twice" : `${one.grader} graded it twice`;
        setAside.push({
          row: one.row,
          id,
          reason: `${who}, in rows ${before.row} and ${one.row}, not alike`,
        });
        return [];
      }
      byGrader.set(one.grader, before ?? one);
    }
    const labels = [...byGrader.values()].map(({ lens }) => lens);
    const kinds = new Set(all.flatMap(({ kind }) => (kind === null ? [] : [kind])));
    return [
      {
        id,
        row: all[0]!.row,
        lens: labels.reduce((a, b) => a + b, 0) / labels.length,
        kind: kinds.size === 1 ? [...kinds][0]! : null,
      },
    ];
  });
}
