/**
 * Points on the sphere in cubic cells of the space around it: neither the poles nor the meridian of 0° are special.
 * Cells are found by hashing; empty ones take no memory.
 */

/** Sky positions in degrees; NaN in both for a row without one. */
export interface Positions {
  ra: Float64Array;
  dec: Float64Array;
}

const RADIAN = Math.PI / 180;
export const ARCSEC = RADIAN / 3600;

/** Length of the chord of an angle (radians) on the unit sphere. */
export const chordOf = (angle: number): number => 2 * Math.sin(Math.min(angle, Math.PI) / 2);

/** The angle between two points of a set, arcsec. */
export function separation({ ra, dec }: Positions, a: number, b: number): number {
  const haversine = (angle: number) => Math.sin(angle / 2) ** 2;
  const [d1, d2] = [dec[a]! * RADIAN, dec[b]! * RADIAN];
  const h = haversine(d2 - d1) + Math.cos(d1) * Math.cos(d2) * haversine((ra[b]! - ra[a]!) * RADIAN);
  return (2 * Math.asin(Math.min(1, Math.sqrt(h)))) / ARCSEC;
}

export class SphereGrid {
  /** Unit vectors, three numbers per point. */
  readonly points: Float64Array;
  /** The cell of each point; −1 for one without a position. */
  readonly cellOf: Int32Array;
  /** The first point of each cell, and the next one of the same cell; −1 at the end. */
  readonly first: Int32Array;
  readonly next: Int32Array;
  /** Number of cells that hold a point. */
  readonly cells: number;
  private readonly side: number;
  private readonly coordinates: Int32Array; // three whole numbers per cell
  private readonly table: Int32Array; // cells by hash, open addressing; −1 is free

  /**
   * @param order the order in which points enter their cells' chains; by default as they come
   * @param side of a cell, in units of the sphere's radius
   */
  constructor({ ra, dec }: Positions, side: number, order?: Int32Array) {
    const n = ra.length;
    this.side = Math.max(side, 1e-9); // so that coordinates fit into 31 bits
    this.points = new Float64Array(3 * n);
    this.cellOf = new Int32Array(n).fill(-1);
    this.next = new Int32Array(n).fill(-1);
    const first = new Int32Array(n);
    const last = new Int32Array(n);
    this.coordinates = new Int32Array(3 * n);
    let capacity = 16;
    while (capacity < 2 * n) capacity *= 2;
    this.table = new Int32Array(capacity).fill(-1);
    let cells = 0;
    for (let k = 0; k < n; k++) {
      const i = order === undefined ? k : order[k]!;
      if (Number.isNaN(ra[i])) continue;
      const [a, d] = [ra[i]! * RADIAN, dec[i]! * RADIAN];
      const vector = [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)] as const;
      this.points.set(vector, 3 * i);
      const [x, y, z] = vector.map((value) => Math.floor(value / this.side)) as [number, number, number];
      const slot = this.slot(x, y, z);
      let cell = this.table[slot]!;
      if (cell < 0) {
        cell = cells++;
        this.table[slot] = cell;
        this.coordinates.set([x, y, z], 3 * cell);
        first[cell] = i;
      } else this.next[last[cell]!] = i;
      last[cell] = i;
      this.cellOf[i] = cell;
    }
    this.cells = cells;
    this.first = first.subarray(0, cells);
  }

  /** The cell at an offset from a cell, in cells; −1 if it is empty. */
  beside(cell: number, dx: number, dy: number, dz: number): number {
    const { coordinates } = this;
    const [x, y, z] = [coordinates[3 * cell]!, coordinates[3 * cell + 1]!, coordinates[3 * cell + 2]!];
    return this.table[this.slot(x + dx, y + dy, z + dz)]!;
  }

  /** Square of the chord between two points. */
  squaredChord(a: number, b: number): number {
    const { points } = this;
    const x = points[3 * a]! - points[3 * b]!;
    const y = points[3 * a + 1]! - points[3 * b + 1]!;
    const z = points[3 * a + 2]! - points[3 * b + 2]!;
    return x * x + y * y + z * z;
  }

  /** Where a cell is in the table, or would be. */
  private slot(x: number, y: number, z: number): number {
    const { table, coordinates } = this;
    const mask = table.length - 1;
    let h = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca6b) ^ Math.imul(z, 0xc2b2ae35);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    for (let slot = (h ^ (h >>> 13)) & mask; ; slot = (slot + 1) & mask) {
      const cell = table[slot]!;
      if (cell < 0) return slot;
      const k = 3 * cell;
      if (coordinates[k] === x && coordinates[k + 1] === y && coordinates[k + 2] === z) return slot;
    }
  }
}
