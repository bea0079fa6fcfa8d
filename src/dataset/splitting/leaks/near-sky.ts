/** Rows at one sky position. */
import { ROUNDING } from "../grouping/sky.ts";
import { ARCSEC, chordOf, type Positions, SphereGrid, separation } from "../grouping/sphere-grid.ts";
import type { Compared, Leak } from "./leak.ts";

/**
 * Rows within a radius of a row that they must not share a position with. Each row is paired with one row of each other
 * dataset or split, as there may be many. Time grows with the number of rows, and with crowding of rows of two splits.
 *
 * @param radius arcsec
 */
export function nearOnSky(compared: readonly Compared[], radius: number): Leak[] {
  const all = together(compared);
  const { colours, positions, count } = all;
  const chord = chordOf(radius * ARCSEC);
  const most = chord * chord * ROUNDING;
  const grid = new SphereGrid(positions, chord, byColour(colours));
  const jump = jumps(grid, colours, count);
  const pairs = new Map<number, number>();
  const paired = new Int32Array(Math.max(...new Set(colours), 0) + 1).fill(-1); // the last row paired with each colour
  for (let i = 0; i < count; i++) {
    const cell = grid.cellOf[i]!;
    if (cell < 0) continue;
    paired[colours[i]!] = i; // skips its own colour
    for (const [dx, dy, dz] of AROUND) {
      const beside = grid.beside(cell, dx, dy, dz);
      if (beside < 0) continue;
      for (let j = grid.first[beside]!; j >= 0; ) {
        const colour = colours[j]!;
        if (paired[colour] === i) j = jump[j]!;
        else if (grid.squaredChord(i, j) <= most) {
          paired[colour] = i;
          pairs.set(Math.min(i, j) * count + Math.max(i, j), separation(positions, i, j));
          j = jump[j]!;
        } else j = grid.next[j]!;
      }
    }
  }
  return [...pairs]
    .sort(([a], [b]) => a - b)
    .map(([pair, value]) => ({
      kind: "position",
      a: all.locate(Math.floor(pair / count)),
      b: all.locate(pair % count),
      value,
    }));
}

const AROUND: readonly (readonly [number, number, number])[] = [-1, 0, 1].flatMap((x) =>
  [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((z) => [x, y, z] as const)),
);

/** The rows of everything that is compared as one list, each with a colour: the number of its dataset and split. */
export function together(compared: readonly Compared[]) {
  const starts = compared.map((_, k) => compared.slice(0, k).reduce((sum, { count }) => sum + count, 0));
  const count = compared.reduce((sum, part) => sum + part.count, 0);
  const positions: Positions = {
    ra: new Float64Array(count).fill(Number.NaN),
    dec: new Float64Array(count).fill(Number.NaN),
  };
  const colours = new Uint16Array(count);
  const numbers = new Map<string, number>();
  compared.forEach((part, k) => {
    if (part.positions !== null) {
      positions.ra.set(part.positions.ra, starts[k]!);
      positions.dec.set(part.positions.dec, starts[k]!);
    }
    for (let row = 0; row < part.count; row++) {
      const name = `${k} ${part.splits?.[row] ?? ""}`;
      let number = numbers.get(name);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(name, number);
      }
      colours[starts[k]! + row] = number;
    }
  });
  const locate = (i: number) => {
    const k = starts.findLastIndex((start, part) => start <= i && compared[part]!.count > 0);
    return { origin: compared[k]!, row: i - starts[k]! };
  };
  return { count, positions, colours, starts, locate };
}

/** Rows sorted by colour. */
function byColour(colours: Uint16Array): Int32Array {
  const starts = new Int32Array(Math.max(...new Set(colours), 0) + 2);
  for (const colour of colours) starts[colour + 1]!++;
  for (let c = 0; c + 1 < starts.length; c++) starts[c + 1]! += starts[c]!;
  const order = new Int32Array(colours.length);
  colours.forEach((colour, i) => {
    order[starts[colour]!++] = i;
  });
  return order;
}

/** For each point, the next one in its cell's chain that has another colour. */
function jumps({ first, next, cells }: SphereGrid, colours: Uint16Array, count: number): Int32Array {
  const jump = new Int32Array(count).fill(-1);
  for (let cell = 0; cell < cells; cell++) {
    let start = first[cell]!;
    while (start >= 0) {
      let end = next[start]!;
      while (end >= 0 && colours[end] === colours[start]) end = next[end]!;
      for (let i = start; i !== end; i = next[i]!) jump[i] = end;
      start = end;
    }
  }
  return jump;
}
