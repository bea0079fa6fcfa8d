/** The known word nearest to a mistyped one, for "did you mean …?". */

/** Letters that the beginning of a word needs to identify it. */
const LEAST_BEGINNING = 5;

/** The known word at most a third of the letters away, else one that begins the other; undefined for none. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(key.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(key.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best ?? known.find((candidate) => beginsWith(key, candidate) || beginsWith(candidate, key));
}

const beginsWith = (word: string, beginning: string): boolean =>
  beginning.length >= LEAST_BEGINNING && word.toLowerCase().startsWith(beginning.toLowerCase());

/** Edits from one word to the other: letters put in, left out, replaced, or two neighbours swapped (Damerau 1964). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? before[j - 2]! + 1
          : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
