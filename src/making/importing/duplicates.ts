/** Images that occur more than once, to the last pixel. */

import type { Split } from "../../dataset/info.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import type { Candidate } from "./candidates.ts";

export interface Hashed extends Candidate {
  hash: string;
}

/** The most protected split first: a test image must not have been trained on. */
const PROTECTION: Record<Split, number> = { test: 0, val: 1, train: 2 };

/**
 * Keeps identical images from being in two splits. If splits are given, an image stays in its most protected one (test,
 * then val) and its twins elsewhere are set aside. Twins that stay become one group, named after the first of their
 * groups, which the rows then have.
 *
 * @returns the rows that stay, and the ids of those whose groups became one
 */
export function uniteTwins(rows: readonly Hashed[]): {
  kept: Hashed[];
  setAside: SetAside[];
  united: string[][];
} {
  // Most images have no twin, and need no list of their own.
  const byHash = new Map<string, Hashed | Hashed[]>();
  for (const row of rows) {
    const twins = byHash.get(row.hash);
    if (twins === undefined) byHash.set(row.hash, row);
    else if (Array.isArray(twins)) twins.push(row);
    else byHash.set(row.hash, [twins, row]);
  }
  const dropped = new Map<Hashed, SetAside>();
  const groups = new Groups();
  const united: string[][] = [];
  for (const twins of byHash.values()) {
    if (!Array.isArray(twins)) continue;
    const best = twins.reduce((a, b) => (rank(b) < rank(a) ? b : a));
    for (const twin of twins)
      if (rank(twin) !== rank(best)) {
        const kind = "identical image in another split";
        dropped.set(twin, {
          row: twin.row,
          id: twin.id,
          kind,
          reason: `${kind} (id ${best.id}, ${best.split})`,
        });
      }
    const staying = twins.filter((twin) => !dropped.has(twin));
    for (const twin of staying) groups.unite(staying[0]!.group, twin.group);
    if (new Set(staying.map((twin) => twin.group)).size > 1) united.push(staying.map((twin) => twin.id));
  }
  const kept = rows.filter((row) => !dropped.has(row));
  for (const row of kept) row.group = groups.nameOf(row.group);
  return { kept, setAside: [...dropped.values()], united };
}

const rank = (row: Hashed): number => (row.split === undefined ? 0 : PROTECTION[row.split]);

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
