/** What is the same to the letter: ids, groups, images. */
import { apart, type Compared, type Leak, type LeakKind, type Place } from "./leak.ts";

const KEYS = { id: "ids", group: "groups", identical: "hashes" } as const;
export type SameKind = keyof typeof KEYS & LeakKind;

/**
 * Rows that share a key with a row that they must not share it with. Every such row stands in at least one of the
 * pairs, and there are no more pairs than rows: a group of thousands in two splits is not told as millions of pairs.
 */
export function sameKeys(kind: SameKind, compared: readonly Compared[]): Leak[] {
  const first = new Map<string, Place>();
  const partner = new Map<string, Place>(); // the first row that is apart from the first
  const waiting = new Map<string, Place[]>(); // those that lie with the first, before any is apart from it
  const leaks: Leak[] = [];
  for (const of of compared)
    of[KEYS[kind]]?.forEach((key, row) => {
      const place = { of, row };
      const before = first.get(key);
      if (before === undefined) first.set(key, place);
      else if (apart(before, place)) {
        leaks.push({ kind, a: before, b: place, value: null });
        if (partner.has(key)) return;
        partner.set(key, place);
        for (const a of waiting.get(key) ?? []) leaks.push({ kind, a, b: place, value: null });
        waiting.delete(key);
      } else {
        const other = partner.get(key);
        if (other !== undefined) leaks.push({ kind, a: place, b: other, value: null });
        else if (!waiting.get(key)?.push(place)) waiting.set(key, [place]);
      }
    });
  return leaks;
}
