/** Groups from sky positions: friends of friends. */
import { refuse } from "../../../foundation/errors.ts";
import { ARCSEC, chordOf, type Positions, SphereGrid } from "./sphere-grid.ts";
import type { Union } from "./union.ts";

/** Rounding of a chord's square, so that points exactly at the radius are within it. */
export const ROUNDING = 1 + 1e-9;

/**
 * Unites rows that are linked by steps of at most a radius on the sphere (friends of friends; Huchra & Geller 1982,
 * ApJ 257, 423, without their third dimension). Rows without a position join nothing.
 *
 * Cells are so small that all rows within one are friends; cells up to two apart are joined by the first pair of friends.
 * Time grows linearly with the number of positions.
 *
 * @param radius arcsec
 */
export function uniteFriends(union: Union, positions: Positions, radius: number): void {
  if (!(radius > 0)) refuse("sky groups", "radius", "positive (arcsec)", radius);
  const chord = chordOf(radius * ARCSEC);
  const most = chord * chord * ROUNDING;
  const grid = new SphereGrid(positions, chord / Math.sqrt(3));
  const { first, next } = grid;
  for (let cell = 0; cell < grid.cells; cell++) {
    for (let i = next[first[cell]!]!; i >= 0; i = next[i]!) union.unite(first[cell]!, i);
    for (const [dx, dy, dz] of FORWARD) {
      const other = grid.beside(cell, dx, dy, dz);
      if (other < 0 || union.find(first[cell]!) === union.find(first[other]!)) continue;
      if (anyWithin(grid, cell, other, most)) union.unite(first[cell]!, first[other]!);
    }
  }
}

/** One of each two opposite cells up to two away, so that each pair of cells is examined once. */
const FORWARD: readonly (readonly [number, number, number])[] = (() => {
  const steps = [-2, -1, 0, 1, 2];
  return steps.flatMap((x) =>
    steps.flatMap((y) =>
      steps.filter((z) => x > 0 || (x === 0 && (y > 0 || (y === 0 && z > 0)))).map((z) => [x, y, z] as const),
    ),
  );
})();

function anyWithin(grid: SphereGrid, a: number, b: number, most: number): boolean {
  const { first, next } = grid;
  for (let i = first[a]!; i >= 0; i = next[i]!)
    for (let j = first[b]!; j >= 0; j = next[j]!) if (grid.squaredChord(i, j) <= most) return true;
  return false;
}
