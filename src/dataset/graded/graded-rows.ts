/**
 * Grades matched to the target's rows, and what leaves the unlabelled target and the sealed test with them: a graded row's
 * whole group, which is its own joined with the rows at its sky position and with its pixels or nearly so, as `split` joins them.
 */
import { ArcletError } from "../../foundation/errors.ts";
import type { Progress } from "../../foundation/progress.ts";
import { groupRows } from "../splitting/grouping/group-by.ts";
import { commonField } from "../splitting/grouping/prints.ts";
import { SAME_POSITION } from "../splitting/leaks/find.ts";
import { type DatasetRows, readRows } from "../splitting/leaks/rows.ts";
import {
  type Grade,
  type GradeSetAside,
  type Grades,
  type Grading,
  gradingText,
  readGrades,
} from "./grades.ts";
import { type GradedRecord, recognised } from "./record.ts";

/** Rows of a target that people graded. */
export interface GradedRows {
  /** Rows of the target's table, from 0, in its order. */
  rows: Int32Array;
  /** How surely each is a lens, from 0 to 1. */
  lens: Float64Array;
  /** What each is if it is no lens, as graders name it; null if none does. */
  kinds: readonly (string | null)[];
  /** The group of each, as they leave. */
  groups: readonly string[];
  /** The target's other rows of the same groups. */
  left: Int32Array;
  /** Rows of the table of grades that are not used. */
  setAside: readonly GradeSetAside[];
  /** What a run keeps of them. */
  record: GradedRecord;
  /** What could not be compared, and what was set aside, one line each. */
  notes: readonly string[];
}

export interface GradedOptions {
  /** Smallest correlation of the fingerprints of nearly identical images; null: identical ones only. */
  alike: number | null;
  /** The column of the table that names what a row is if it is no lens; null for none. */
  kinds?: string | null;
  /** Starts a progress bar for a number of images to read, or to compare. */
  bar?: (label: string, total: number) => Progress;
}

/**
 * @param folder the target's
 * @param path the table of grades
 * @throws ArcletError as `readGrades`, for a table without any of the target's ids, of one class only, or of one group
 */
export async function openGradedRows(
  folder: string,
  path: string,
  grading: Grading,
  { alike, kinds = null, bar }: GradedOptions,
): Promise<GradedRows> {
  const grades = await readGrades(path, grading, kinds);
  const target = await readRows(folder);
  const { known, setAside } = matched(grades, target, folder);
  refuseOneClass(path, known, grading);
  const field = commonField([target.info]);
  const by = {
    sky: target.positions === null ? null : SAME_POSITION,
    id: null,
    alike: field === null ? null : alike,
  };
  const { groups } = await groupRows(target, by, bar);
  const rows = Int32Array.from(known.keys()).sort();
  const ofRows = Array.from(rows, (row) => groups[row]!);
  const gradedGroups = new Set(ofRows);
  if (gradedGroups.size === 1)
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `all of its ${rows.length} graded rows are of one group in ${folder} (${[...gradedGroups][0]}), which says little of others`,
      fix: "grade rows of more groups",
    });
  const left = Int32Array.from(groups.keys()).filter(
    (row) => gradedGroups.has(groups[row]!) && !known.has(row),
  );
  const lens = Float64Array.from(rows, (row) => known.get(row)!.lens);
  return {
    ...{ rows, lens, groups: ofRows, left, setAside },
    kinds: Array.from(rows, (row) => known.get(row)!.kind),
    record: recordOf({ grades, grading, target, rows, lens, left, field }),
    notes: [
      ...(field === null && alike !== null
        ? [
            `${folder}: nearly identical images were not searched for: under 16 pixels they can't be told apart`,
          ]
        : []),
      ...asideNotes(path, setAside),
    ],
  };
}

/** Grades by the target's row, and what is set aside: ids that the target doesn't have, too. */
function matched(
  { path, grades, setAside }: Grades,
  { ids }: DatasetRows,
  folder: string,
): { known: Map<number, Grade>; setAside: GradeSetAside[] } {
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const known = new Map<number, Grade>();
  const all = [...setAside];
  for (const grade of grades) {
    const row = rowOf.get(grade.id);
    if (row === undefined)
      all.push({ row: grade.row, id: grade.id, reason: `the target ${folder} has no such id` });
    else known.set(row, grade);
  }
  if (known.size === 0)
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `none of its ${grades.length} graded ids is in ${folder}; they look like ${grades[0]!.id}, the target's like ${ids[0]}`,
    });
  return { known, setAside: all.sort((a, b) => a.row - b.row) };
}

function refuseOneClass(path: string, known: ReadonlyMap<number, Grade>, grading: Grading): void {
  const lenses = [...known.values()].filter(({ lens }) => lens >= 0.5).length;
  if (lenses > 0 && lenses < known.size) return;
  throw new ArcletError({
    where: path,
    code: "conflict",
    problem:
      `its ${known.size} graded rows are all ${lenses === 0 ? "no lenses" : "lenses"} (${gradingText(grading)}), ` +
      "and both classes are needed",
  });
}

/** At most this many reasons are shown. */
const SHOWN = 3;

function asideNotes(path: string, setAside: readonly GradeSetAside[]): string[] {
  if (setAside.length === 0) return [];
  const shown = setAside
    .slice(0, SHOWN)
    .map(({ row, id, reason }) => `row ${row} (${id || "no id"}): ${reason}`);
  const more = setAside.length > SHOWN ? `; and ${setAside.length - SHOWN} more` : "";
  return [`${path}: ${setAside.length} rows are set aside: ${shown.join("; ")}${more}`];
}

interface Recorded extends Pick<GradedRows, "rows" | "lens" | "left"> {
  grades: Grades;
  grading: Grading;
  target: DatasetRows;
  field: number | null;
}

function recordOf({ grades, grading, target, rows, lens, left, field }: Recorded): GradedRecord {
  const { ids, groups, positions, info } = target;
  const images = recognised(target, rows, field);
  const degrees = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value);
  return {
    format: 1,
    table: { path: grades.path, sha256: grades.sha256, grading: gradingText(grading) },
    target: { name: info.name, contentHash: info.contentHash },
    field,
    rows: Array.from(rows, (row, i) => ({
      id: ids[row]!,
      group: groups[row]!,
      lens: lens[i]!,
      ra: degrees(positions?.ra[row]),
      dec: degrees(positions?.dec[row]),
      ...images[i]!,
    })),
    left: Array.from(left, (row) => ids[row]!),
  };
}
