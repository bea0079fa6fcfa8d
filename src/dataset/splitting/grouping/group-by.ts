/** Which rows of a dataset belong together: by its own groups, and by what the user adds. */
import { ArcletError } from "../../../foundation/errors.ts";
import type { Progress } from "../../../foundation/progress.ts";
import type { DatasetRows } from "../leaks/rows.ts";
import type { Fingerprints } from "./fingerprint.ts";
import { groupsOfIds } from "./ids.ts";
import { nearPairs } from "./near.ts";
import { commonField, fingerprintsOf } from "./prints.ts";
import { uniteFriends } from "./sky.ts";
import { Union } from "./union.ts";

export interface GroupBy {
  /** Longest step between linked rows on the sky, arcsec; null: not by position. */
  sky: number | null;
  /** A pattern whose first capturing group is the row's group in its id; null: not by ids. */
  id: string | null;
  /** Smallest correlation of the fingerprints of images that belong together; null: identical ones only. */
  alike: number | null;
}

/** How many groups each criterion joined to others. */
export type United = { by: string; joined: number }[];

/**
 * The group of each row. Groups that nothing united keep their names; united ones take the first of theirs in
 * alphabetical order.
 *
 * @throws ArcletError when grouping by positions of which there are none, or by images too small to be told apart
 */
export async function groupRows(
  rows: DatasetRows,
  by: GroupBy,
  bar?: StartBar,
): Promise<{ groups: string[]; united: United }> {
  const union = new CountedUnion(rows.groups);
  if (by.id !== null) {
    union.uniteEqual(groupsOfIds(rows.ids, by.id));
    union.note("ids");
  }
  if (by.sky !== null) {
    if (rows.positions === null)
      throw new ArcletError({
        where: rows.folder,
        code: "missing",
        problem: "has no sky positions (ra, dec) to group by",
        fix: "leave --group-sky out",
      });
    uniteFriends(union, rows.positions, by.sky);
    union.note("sky positions");
  }
  const field = by.alike === null ? null : commonField([rows.info]);
  if (by.alike !== null && field === null)
    throw new ArcletError({
      where: rows.folder,
      code: "unsupported",
      problem: "images of under 16 pixels can't be told apart",
      fix: "leave --group-pixels alike out",
    });
  const prints = await uniteIdentical(union, rows, field, bar);
  if (prints !== null && field !== null) await uniteAlike(union, rows, prints, by.alike!, bar);
  return { groups: named(union, rows.groups), united: union.united };
}

type StartBar = (label: string, total: number) => Progress;

/** Sets of rows that count how many of them each criterion joined. */
class CountedUnion extends Union {
  readonly united: United = [];
  private readonly count: number;
  private sets: number;

  constructor(groups: readonly string[]) {
    super(groups.length);
    this.count = groups.length;
    this.uniteEqual(groups);
    this.sets = new Set(groups).size;
  }

  /** Credits what was united since the last note to `by`. */
  note(by: string): void {
    let now = 0;
    for (let row = 0; row < this.count; row++) if (this.find(row) === row) now++;
    if (now < this.sets) this.united.push({ by, joined: this.sets - now });
    this.sets = now;
  }
}

/**
 * Unites images that are the same to the last pixel, by the hashes in the dataset's table, or else by those of the
 * images.
 *
 * @returns fingerprints, if images were read for them or for their hashes; else null
 */
async function uniteIdentical(
  union: CountedUnion,
  rows: DatasetRows,
  field: ReturnType<typeof commonField>,
  bar?: StartBar,
): Promise<Fingerprints | null> {
  const { count, hashes: known } = rows;
  if (known !== null) union.uniteEqual(known);
  let prints: Fingerprints | null = null;
  if (field !== null || known === null) {
    const hashes = new Array<string>(count);
    const reading = bar?.("read", count);
    const onHash = (row: number, hash: string) => {
      hashes[row] = hash;
    };
    const tick = (n: number) => reading?.tick(n);
    prints = await fingerprintsOf(rows, field, tick, known === null ? onHash : undefined);
    reading?.done();
    if (known === null) union.uniteEqual(hashes);
  }
  union.note("identical images");
  return prints;
}

/** Unites images whose fingerprints correlate by `least` or more. */
async function uniteAlike(
  union: CountedUnion,
  { count }: DatasetRows,
  prints: Fingerprints,
  least: number,
  bar?: StartBar,
): Promise<void> {
  const comparing = bar?.("compare", count);
  await nearPairs(prints, {
    least,
    relevant: (a, b) => union.find(a) !== union.find(b),
    report: (a, b) => void union.unite(a, b),
    tick: (n) => comparing?.tick(n),
  });
  comparing?.done();
  union.note("nearly identical images");
}

/** Names each set by the first of its groups' names. */
function named(union: Union, groups: readonly string[]): string[] {
  const first = new Map<number, string>();
  groups.forEach((group, row) => {
    const root = union.find(row);
    const before = first.get(root);
    if (before === undefined || group < before) first.set(root, group);
  });
  return groups.map((_, row) => first.get(union.find(row))!);
}
