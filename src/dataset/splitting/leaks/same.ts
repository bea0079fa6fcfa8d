/** Rows that share an id, a group or an image exactly. */
import { apart, type Compared, type ComparedRow, type Leak, type LeakKind } from "./leak.ts";

const KEYS = { id: "ids", group: "groups", identical: "hashes" } as const;
export type SameKind = keyof typeof KEYS & LeakKind;

/**
 * Rows that share a key with a row that they must not share it with. Every such row is in at least one of the pairs, and
 * there are no more pairs than rows: a group of thousands in two splits does not become millions of pairs.
 */
export function sameKeys(kind: SameKind, compared: readonly Compared[]): Leak[] {
  const first = new Map<string, ComparedRow>();
  const partner = new Map<string, ComparedRow>(); // the first row that is apart from the first
  const waiting = new Map<string, ComparedRow[]>(); // those of the first's split, before any is apart from it
  const leaks: Leak[] = [];
  for (const origin of compared)
    origin[KEYS[kind]]?.forEach((key, row) => {
      const current = { origin, row };
      const before = first.get(key);
      if (before === undefined) first.set(key, current);
      else if (apart(before, current)) {
        leaks.push({ kind, a: before, b: current, value: null });
        if (partner.has(key)) return;
        partner.set(key, current);
        for (const a of waiting.get(key) ?? []) leaks.push({ kind, a, b: current, value: null });
        waiting.delete(key);
      } else {
        const other = partner.get(key);
        if (other !== undefined) leaks.push({ kind, a: current, b: other, value: null });
        else if (!waiting.get(key)?.push(current)) waiting.set(key, [current]);
      }
    });
  return leaks;
}
