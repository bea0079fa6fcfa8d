/** The cost of arithmetic, counted while it runs. */

let counted: number | null = null;

/** Called by convolutions, linear layers and matrix products; `cost` is evaluated only inside `multiplyAdds`. */
export function addCost(cost: () => number): void {
  if (counted !== null) counted += cost();
}

/** Multiply-adds of the convolutions, linear layers and matrix products in `body`, and what it returns. */
export function multiplyAdds<T>(body: () => T): { count: number; value: T } {
  const outer = counted;
  counted = 0;
  try {
    const value = body();
    return { count: counted, value };
  } finally {
    counted = outer === null ? null : outer + counted;
  }
}
