/** A table of people's grades, one row a grade, checked: who said what of which object, and who looked twice. */
import { idText } from "../../catalog/id-text.ts";
import { readCatalog } from "../../catalog/read.ts";
import { idColumn } from "../../catalog/roles.ts";
import type { Table, Value } from "../../catalog/table.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import type { GradesConfig } from "./config.ts";
import type { Graded } from "./dawid-skene.ts";
import { type GradeOrder, gradeOrder } from "./order.ts";

export interface GradesTable extends GradeOrder {
  /** In the order in which they occur first. */
  readonly ids: readonly string[];
  readonly graders: readonly string[];
  /** One a grader and object: of who looked more than once, the last. */
  readonly grades: readonly Graded[];
  /** First and last grade of everyone who looked more than once at an object. */
  readonly repeats: readonly (Graded & { readonly first: number })[];
  /** Of every object, by the column `group`; null if there is none. */
  readonly groups: readonly (string | null)[] | null;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

const ROUND = "round";
const GROUP = "group";

/** A row as it is read. */
interface Row {
  /** From 1. */
  readonly row: number;
  readonly id: string;
  readonly grader: string;
  readonly grade: string;
  readonly round: string;
}

/**
 * Rows without a grade are left out and counted, and so are rows that say the same twice.
 *
 * @throws ArcletError naming the row for: no id or grader, a grade that is not in the order, a grader who gives two grades in
 *   one round, an object in two groups
 */
export async function readGrades(config: GradesConfig): Promise<GradesTable> {
  const { table: path, graderColumn, gradeColumn, order } = config;
  const { table } = await readCatalog(path, { texts: [graderColumn, gradeColumn, ROUND, GROUP] });
  const idName = idColumn(table.names);
  if (idName === undefined) return refuse(path, "columns", "a list with an id column", table.names);
  const columns = { id: idName, grader: graderColumn, grade: gradeColumn };
  const all = rowsOf(table, columns);
  const graded = all.filter(({ grade }) => grade !== "");
  if (graded.length === 0) throw new ArcletError({ where: path, code: "empty", problem: "has no grade" });
  const names = gradeOrder(path, [...new Set(graded.map(({ grade }) => grade))], config);
  const strange = graded.find(({ grade }) => !names.names.includes(grade));
  if (strange !== undefined)
    refuse(
      { where: path, row: strange.row },
      gradeColumn,
      `one of ${(order ?? names.names).join(", ")}`,
      strange.grade,
    );
  const ids = [...new Set(graded.map(({ id }) => id))];
  const { grades, repeats, graders, same } = byGrader(path, graded, ids, names.names);
  const notes = [
    ...(all.length > graded.length ? [`${path}: ${all.length - graded.length} rows have no grade`] : []),
    ...(same > 0 ? [`${path}: ${same} rows repeat another word for word, and count once`] : []),
    ...(repeats.length > 0 ? ["of who looked more than once the last round counts"] : []),
  ];
  return { ...names, ids, graders, grades, repeats, groups: groupsOf(table, idName, ids), notes };
}

function rowsOf(table: Table, columns: { id: string; grader: string; grade: string }): Row[] {
  const [ids, graders, grades] = [columns.id, columns.grader, columns.grade].map((name) =>
    table.column(name),
  );
  const rounds = table.has(ROUND) ? table.column(ROUND) : null;
  return Array.from({ length: table.count }, (_, i) => {
    const at = { where: table.path, row: i + 1 };
    const id = idText(ids![i], at, columns.id, table.isSingle(columns.id));
    const grader = textOf(graders![i]);
    if (id === "") refuse(at, columns.id, "given", undefined);
    if (grader === "") refuse(at, columns.grader, "given", undefined);
    return { row: i + 1, id, grader, grade: textOf(grades![i]), round: textOf(rounds?.[i]) };
  });
}

/** Without blanks at its ends; NaN, as a table of numbers has for none, is none. */
const textOf = (value: Value | undefined): string => {
  const text = value == null ? "" : String(value).trim();
  return text.toLowerCase() === "nan" ? "" : text;
};

function byGrader(path: string, rows: readonly Row[], ids: readonly string[], names: readonly string[]) {
  const graders = [...new Set(rows.map(({ grader }) => grader))].sort();
  const [objectOf, graderOf] = [ids, graders].map((list) => new Map(list.map((name, i) => [name, i])));
  const pairs = new Map<string, Map<string, Row>>();
  let same = 0;
  for (const row of rows) {
    const key = JSON.stringify([row.id, row.grader]);
    const rounds = pairs.get(key) ?? new Map<string, Row>();
    pairs.set(key, rounds);
    const before = rounds.get(row.round);
    if (before === undefined) rounds.set(row.round, row);
    else if (before.grade === row.grade) same++;
    else
      throw new ArcletError({
        where: path,
        row: row.row,
        id: row.id,
        code: "conflict",
        problem: `${row.grader} says ${row.grade} here and ${before.grade} in row ${before.row}`,
        fix: "remove one, or mark who looked twice by a column round",
      });
  }
  const grades: Graded[] = [];
  const repeats: (Graded & { first: number })[] = [];
  for (const rounds of pairs.values()) {
    const looks = [...rounds.values()].sort((a, b) => compared(a.round, b.round));
    const last = looks.at(-1)!;
    const grade = {
      object: objectOf!.get(last.id)!,
      grader: graderOf!.get(last.grader)!,
      grade: names.indexOf(last.grade),
    };
    grades.push(grade);
    if (looks.length > 1) repeats.push({ ...grade, first: names.indexOf(looks[0]!.grade) });
  }
  return { grades, repeats, graders, same };
}

/** Rounds by number, else by their texts, as dates are written. */
const compared = (a: string, b: string): number => {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? (a < b ? -1 : Number(a > b)) : difference;
};

function groupsOf(table: Table, idName: string, ids: readonly string[]): (string | null)[] | null {
  if (!table.has(GROUP)) return null;
  const groups = new Map<string, string>();
  const values = table.column(GROUP);
  for (const [i, value] of table.column(idName).entries()) {
    const at = { where: table.path, row: i + 1 };
    const [id, group] = [idText(value, at, idName, table.isSingle(idName)), textOf(values[i])];
    const before = groups.get(id);
    if (group === "") continue;
    if (before !== undefined && before !== group)
      refuse({ ...at, id }, GROUP, `${before}, as in another row of this object`, group);
    groups.set(id, group);
  }
  return ids.map((id) => groups.get(id) ?? null);
}
