/** Grades as a table: one row per object and grader, as `arclet grades`, `estimate` and `combine` take it. */
import type { CatalogColumn } from "../catalog/catalog.ts";
import { formatByName } from "../catalog/format.ts";
import type { Value } from "../catalog/table.ts";
import { writeCatalog } from "../catalog/write.ts";
import { ArcletError } from "../foundation/errors.ts";
import type { Judgement } from "./grader-part.ts";
import { CANDIDATE } from "./grades.ts";
import { isGraded } from "./grading.ts";
import { hidesPosition, shownId } from "./hidden.ts";
import type { Finder } from "./score-table.ts";
import type { Search } from "./search.ts";

const COLUMNS: readonly CatalogColumn[] = [
  { name: "id", type: "text", ucd: "meta.id;meta.main" },
  { name: "grader", type: "text" },
  { name: "grade", type: "text", ucd: "meta.code.qual", description: "A, B, C or X; empty for a candidate" },
  { name: "kind", type: "text", description: "what an object of grade X is" },
  { name: "candidate", type: "yes/no", description: "marked in the mosaic, not graded yet" },
  { name: "comment", type: "text", ucd: "meta.note" },
  { name: "tags", type: "text", ucd: "meta.note", description: "the object's tags, parted by semicolons" },
  { name: "seconds", type: "number", unit: "s", description: "how long the grader looked" },
  { name: "graded_at", type: "text", ucd: "time.epoch" },
];
const POSITIONS: readonly CatalogColumn[] = [
  { name: "ra", type: "number", unit: "deg", ucd: "pos.eq.ra;meta.main" },
  { name: "dec", type: "number", unit: "deg", ucd: "pos.eq.dec;meta.main" },
];

/**
 * Writes what graders said of a search's objects, in the dataset's order. Each finder's score comes along as `score_<finder>`.
 * Comments become one line. DS9 regions show id and grade beside each circle.
 *
 * @param graders whose grades
 * @param options which rows, whether scores come along, and for whose eyes it is: what would tell decoys is then hidden
 * @returns how many rows, and notes for the user
 * @throws ArcletError when it can't be written, or no position is known for regions
 */
export async function writeGrades(
  path: string,
  search: Search,
  graders: readonly string[],
  {
    wanted = () => true,
    withScores = true,
    shownTo = null,
  }: { wanted?: (row: number) => boolean; withScores?: boolean; shownTo?: string | null } = {},
): Promise<{ rows: number; notes: string[] }> {
  if (formatByName(path) === "regions") return writeGradedRegions(path, search, graders, shownTo);
  const { domain } = search.objects;
  const finders = withScores ? search.objects.finders : [];
  const positions = domain.positions();
  const scores = finders.map(({ name }): CatalogColumn => ({ name: `score_${name}`, type: "number" }));
  const columns = [...COLUMNS, ...(positions === undefined ? [] : POSITIONS), ...scores];
  const said = judged(search, graders).filter(({ row }) => wanted(row));
  const rows = said.map(({ row, grader, judgement }): Value[] => {
    const { grade, kind, comment, tags, at, seconds } = judgement;
    const place = positions === undefined ? [] : [positions.ra[row]!, positions.dec[row]!];
    const hidden = shownTo !== null && hidesPosition(search, shownTo, row);
    return [
      ...[idOf(search, shownTo, row), grader, isGraded(grade) ? grade : null, kind, grade === CANDIDATE],
      comment === "" ? null : comment.replace(/\s*[\r\n]+\s*/g, " "),
      tags.length === 0 ? null : tags.join("; "),
      seconds === null ? null : Number(seconds.toFixed(3)),
      at,
      ...(hidden ? place.map(() => null) : place),
      ...finders.map((finder) => scoreOf(finder, row)),
    ];
  });
  return { rows: rows.length, notes: await writeCatalog(path, columns, rows) };
}

const idOf = (search: Search, shownTo: string | null, row: number): string =>
  shownTo === null ? search.objects.domain.ids[row]! : shownId(search, shownTo, row);

async function writeGradedRegions(
  path: string,
  search: Search,
  graders: readonly string[],
  shownTo: string | null,
) {
  const { domain, finders } = search.objects;
  const positions = domain.positions();
  if (positions === undefined)
    throw new ArcletError({
      where: path,
      code: "missing",
      problem: `DS9 regions need positions, and ${domain.info.name} has no ra and dec`,
    });
  const [finder] = finders;
  const columns = [COLUMNS[0]!, ...POSITIONS, { name: "score", type: "number" } as const];
  const said = judged(search, graders);
  if (shownTo !== null && said.some(({ row }) => hidesPosition(search, shownTo, row)))
    throw new ArcletError({
      ...{ where: path, code: "conflict" },
      problem: "positions would say which objects are decoys",
      fix: "save regions when the round is closed",
    });
  const rows = said.map(({ row, judgement }): Value[] => [
    `${idOf(search, shownTo, row)} ${judgement.grade ?? ""}`.trim(),
    ...[positions.ra[row]!, positions.dec[row]!],
    finder === undefined ? null : scoreOf(finder, row),
  ]);
  return { rows: rows.length, notes: await writeCatalog(path, columns, rows) };
}

interface Judged {
  row: number;
  grader: string;
  judgement: Judgement;
}

/** What there is to write, object by object. */
function judged({ objects, grading }: Search, graders: readonly string[]): Judged[] {
  const { domain, rows } = objects;
  return Array.from(rows.slice().sort()).flatMap((row) =>
    graders
      .map((grader) => ({ row, grader, judgement: grading.saidOf(grader, domain.ids[row]!) }))
      .filter(
        ({ judgement }) => judgement.grade !== null || judgement.comment !== "" || judgement.tags.length > 0,
      ),
  );
}

const scoreOf = ({ scores }: Finder, row: number): number | null =>
  Number.isNaN(scores[row]!) ? null : scores[row]!;
