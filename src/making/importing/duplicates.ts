/** Images that occur more than once, to the last pixel. */

import type { Split } from "../../dataset/info.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import type { Candidate } from "./candidate.ts";

/** The most protected split first: a test image must not have been trained on. */
const PROTECTION: Record<Split, number> = { test: 0, val: 1, train: 2 };

export interface United {
  /** By the image's index: why it does not stay. */
  dropped: ReadonlyMap<number, SetAside>;
  /** Ids of images whose groups became one. */
  united: string[][];
  /** The name that a group has now. */
  groupOf: (name: string) => string;
}

/**
 * Keeps identical images from being in two splits. If splits are given, an image stays in its most protected one (test,
 * then val) and its twins elsewhere are set aside. Twins that stay become one group, named after the first of their
 * groups.
 *
 * @param twins lists of the indices of images that are the same
 */
export function uniteTwins(twins: readonly (readonly number[])[], row: (index: number) => Candidate): United {
  const dropped = new Map<number, SetAside>();
  const groups = new Groups();
  const united: string[][] = [];
  for (const alike of twins) {
    const rows = alike.map((index) => ({ index, row: row(index) }));
    const best = rows.reduce((a, b) => (rank(b.row) < rank(a.row) ? b : a)).row;
    const staying: Candidate[] = [];
    for (const { index, row: twin } of rows) {
      if (rank(twin) === rank(best)) {
        staying.push(twin);
        continue;
      }
      const kind = "identical image in another split";
      const reason = `${kind} (id ${best.id}, ${best.split})`;
      dropped.set(index, { row: twin.row, id: twin.id, kind, reason });
    }
    for (const twin of staying) groups.unite(staying[0]!.group, twin.group);
    if (new Set(staying.map((twin) => twin.group)).size > 1) united.push(staying.map((twin) => twin.id));
  }
  return { dropped, united, groupOf: (name) => groups.nameOf(name) };
}

const rank = ({ split }: Candidate): number => (split === undefined ? 0 : PROTECTION[split]);

/** Disjoint sets of group names; a set has its alphabetically first name. */
class Groups {
  private readonly parent = new Map<string, string>();

  nameOf(name: string): string {
    let root = name;
    for (let parent = this.parent.get(root); parent !== undefined; parent = this.parent.get(root))
      root = parent;
    if (root !== name) this.parent.set(name, root);
    return root;
  }

  unite(a: string, b: string): void {
    const [first, second] = [this.nameOf(a), this.nameOf(b)].sort() as [string, string];
    if (first !== second) this.parent.set(second, first);
  }
}
