/** Which rows of a dataset belong together: by its own groups, and by what the user says beyond. */
import { ArcletError } from "../../../foundation/errors.ts";
import type { Progress } from "../../../foundation/progress.ts";
import type { DatasetRows } from "../leaks/rows.ts";
import { groupsOfIds } from "./ids.ts";
import { nearPairs } from "./near.ts";
import { commonField, fingerprintsOf } from "./prints.ts";
import { uniteFriends } from "./sky.ts";
import { Union } from "./union.ts";

export interface GroupBy {
  /** Rows linked by steps of so many arcsec; null: not by position. */
  sky: number | null;
  /** A pattern whose first bracket names the group in an id; null: not by ids. */
  id: string | null;
  /** Smallest correlation of the fingerprints of images that belong together; null: identical ones only. */
  alike: number | null;
}

/** What united how many groups. */
export type United = { by: string; joined: number }[];

/**
 * Names of groups, one a row: those of the dataset that nothing united keep theirs, others are called by the first of
 * theirs in alphabetical order.
 *
 * @throws ArcletError when positions are asked for and there are none, or images are too small to be told apart
 */
export async function groupRows(
  rows: DatasetRows,
  by: GroupBy,
  bar?: (label: string, total: number) => Progress,
): Promise<{ groups: string[]; united: United }> {
  const { count, positions, info } = rows;
  const union = new Union(count);
  union.uniteEqual(rows.groups);
  const united: United = [];
  let sets = new Set(rows.groups).size;
  const told = (what: string) => {
    let now = 0;
    for (let row = 0; row < count; row++) if (union.find(row) === row) now++;
    if (now < sets) united.push({ by: what, joined: sets - now });
    sets = now;
  };
  if (by.id !== null) {
    union.uniteEqual(groupsOfIds(rows.ids, by.id));
    told("ids");
  }
  if (by.sky !== null) {
    if (positions === null)
      throw new ArcletError({
        where: rows.folder,
        code: "missing",
        problem: "has no positions (ra, dec) to group by",
        fix: "leave --group-sky out",
      });
    uniteFriends(union, positions, by.sky);
    told("sky positions");
  }
  const field = by.alike === null ? null : commonField([info]);
  if (by.alike !== null && field === null)
    throw new ArcletError({
      where: rows.folder,
      code: "unsupported",
      problem: "images of under 16 pixels can't be told apart",
      fix: "leave --group-alike out",
    });
  if (rows.hashes !== null) union.uniteEqual(rows.hashes);
  if (field !== null || rows.hashes === null) {
    const hashes = new Array<string>(count);
    const reading = bar?.("read", count);
    const hashed = (row: number, hash: string) => {
      hashes[row] = hash;
    };
    const prints = await fingerprintsOf(
      rows,
      field,
      (n) => reading?.tick(n),
      rows.hashes === null ? hashed : undefined,
    );
    reading?.done();
    if (rows.hashes === null) union.uniteEqual(hashes);
    told("identical images");
    if (field !== null) {
      const looking = bar?.("compare", count);
      await nearPairs(prints, {
        least: by.alike!,
        wanted: (a, b) => union.find(a) !== union.find(b),
        found: (a, b) => void union.unite(a, b),
        tick: (n) => looking?.tick(n),
      });
      looking?.done();
      told("nearly identical images");
    }
  } else told("identical images");
  return { groups: named(union, rows.groups), united };
}

/** Each set by the first of its groups' names. */
function named(union: Union, groups: readonly string[]): string[] {
  const first = new Map<number, string>();
  groups.forEach((group, row) => {
    const root = union.find(row);
    const before = first.get(root);
    if (before === undefined || group < before) first.set(root, group);
  });
  return groups.map((_, row) => first.get(union.find(row))!);
}
