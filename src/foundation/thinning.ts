/** Fewer of many rows, in order, when using all would cost more than it is worth. */

/** The smallest n for which every n-th of `count` rows are at most `most`. */
export const stepTo = (count: number, most: number): number => Math.max(1, Math.ceil(count / most));

/** Every n-th row from the first on, at most `most`. */
export function everyNth(rows: Int32Array, most: number): Int32Array {
  const step = stepTo(rows.length, most);
  return rows.filter((_, i) => i % step === 0);
}

/** `most` rows, starting with the first, as evenly spaced as possible; all rows if there are no more. */
export const evenlySpaced = (rows: ArrayLike<number>, most: number): Int32Array =>
  Int32Array.from({ length: Math.min(rows.length, most) }, (_, i) =>
    rows.length <= most ? rows[i]! : rows[Math.floor((i * rows.length) / most)]!,
  );
