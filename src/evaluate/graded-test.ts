/** Rows that may judge models: none of which a model learned as a grade. */
import type { Dataset } from "../dataset/dataset.ts";
import type { GradedRecord } from "../dataset/graded/record.ts";
import { touching } from "../dataset/graded/touching.ts";
import { sentence } from "../dataset/splitting/leaks/leak.ts";
import { ArcletError } from "../foundation/errors.ts";

/** A model by name, with the graded rows that it was trained on. */
export interface Taught {
  name: string;
  graded: readonly GradedRecord[];
}

export interface JudgingOptions {
  /** Whether rows that share something with graded rows of another dataset are left out; if not, they are refused. */
  withoutGraded: boolean;
  /** The way out of that refusal. */
  fix: string;
  onNote: (note: string) => void;
}

/** What to do about rows that a model learned from. */
export const LEAVE_OUT = "--without-graded leaves these rows out, or judge it on another test";

/** At most this many ids are named. */
const NAMED = 5;

/**
 * The rows that may judge all of the models. Rows that were graded in the dataset itself, and rows of their groups, are no
 * part of its test any more: they leave, with a note. Rows that share something with graded rows of another dataset are
 * refused, or left out.
 *
 * @param folder the dataset's, as the user named it
 * @throws ArcletError for rows that must not judge a model, naming them, and when none is left
 */
export async function judgingRows(
  models: readonly Taught[],
  dataset: Dataset,
  rows: Int32Array,
  folder: string,
  { withoutGraded, fix, onNote }: JudgingOptions,
): Promise<Int32Array> {
  const gone = new Set<number>();
  const done = new Set<string>();
  for (const { name, graded } of models)
    for (const record of graded) {
      const key = JSON.stringify(record);
      if (done.has(key)) continue;
      done.add(key);
      const touched = await touching(record, dataset, rows, { alike: true });
      for (const note of touched.notes) onNote(note);
      const left = [...touched.graded, ...touched.left];
      if (left.length > 0) onNote(leftText(name, folder, touched.graded.length, touched.left.length));
      if (touched.shared.length > 0) {
        const problem = sharedText(
          touched.shared.map(({ row }) => dataset.ids[row]!),
          folder,
        );
        const first = `first ${sentence(touched.shared[0]!.leak)}`;
        if (!withoutGraded)
          throw new ArcletError({ where: name, code: "conflict", problem: `${problem}; ${first}`, fix });
        onNote(`${name}: ${problem}; they are left out`);
      }
      for (const row of [...left, ...touched.shared.map((one) => one.row)]) gone.add(row);
    }
  const kept = rows.filter((row) => !gone.has(row));
  if (kept.length === 0)
    throw new ArcletError({
      where: folder,
      code: "empty",
      problem: `has no row left to judge by: all ${rows.length} were graded, or are of the groups of graded rows`,
    });
  return kept;
}

const leftText = (name: string, folder: string, graded: number, left: number): string => {
  const others = left === 0 ? "" : `, and ${left} of their groups`;
  return `${folder}: ${graded + left} rows are no part of the test: ${graded} that ${name} learned as grades${others}`;
};

const sharedText = (ids: readonly string[], folder: string): string => {
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : "";
  return `learned from grades that touch ${ids.length} rows of ${folder}: ${ids.slice(0, NAMED).join(", ")}${more}`;
};
