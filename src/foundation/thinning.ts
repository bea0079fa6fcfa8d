/** Fewer of many rows, in their order, where all of them would cost more than they tell. */

/** How far apart rows lie of which every n-th is taken, so that at most `most` of `count` are left. */
export const stepTo = (count: number, most: number): number => Math.max(1, Math.ceil(count / most));

/** Every n-th row from the first on, at most `most`. */
export function everyNth(rows: Int32Array, most: number): Int32Array {
  const step = stepTo(rows.length, most);
  return rows.filter((_, i) => i % step === 0);
}

/** `most` rows from the first on, as evenly spaced as may be; all where there are no more. */
export const evenlySpaced = (rows: ArrayLike<number>, most: number): Int32Array =>
  Int32Array.from({ length: Math.min(rows.length, most) }, (_, i) =>
    rows.length <= most ? rows[i]! : rows[Math.floor((i * rows.length) / most)]!,
  );
