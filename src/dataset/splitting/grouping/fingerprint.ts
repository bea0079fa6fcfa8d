/**
 * Fingerprints of images: what stays of an image when it is turned, mirrored, stretched or resampled, and differs
 * between objects. A perceptual hash by the cosine transform (Zauner 2010, "Implementation and benchmarking of perceptual
 * image hash functions", section 3.1), with changes for cutouts of galaxies, which all have a bright middle:
 *
 * 1. Bands are stretched by asinh, softened by twice their own median deviation, and summed.
 * 2. The image is centred on the light of its middle, so that a shift by a pixel or two changes nothing.
 * 3. The mean of each ring around the centre is subtracted: what is left is what distinguishes galaxies.
 * 4. 150 coefficients of the cosine transform, weighted by frequency^1.5, are kept as a unit vector in 8 bits each; the
 *    signs of the 96 lowest ones are the hash. Turning and mirroring only permutes coefficients and changes their signs.
 *
 * How alike two images are is the correlation of their vectors, the largest over the eight orientations of one of them.
 */
import { refuse } from "../../../foundation/errors.ts";
import { upperMedian } from "../../../foundation/statistics.ts";
import type { ShardValues } from "../../npy-writer.ts";

/** Cells per side of the grid that an image is averaged to. */
const GRID = 24;
/** Coefficients have degrees up to this in each direction, and in their sum. */
const DEGREE = 16;
const POWER = 1.5;
/** Fraction of the field that is used; the rest leaves room for centring. */
const INNER = 0.84;
/** Sigma, in cells, of the Gaussian window for centring, and the softening of the stretch, in median deviations. */
const WINDOW = 3.5;
const SOFTENING = 2;
/** Smallest image that can be told from others, pixels. */
export const LEAST_SIZE = 16;
/** Words of 32 bits in a hash. */
export const WORDS = 3;
export const BITS = 32 * WORDS;
/** Unit vectors in 8 bits: components beyond 1/2 are clipped. */
export const SCALE = 254;

/** Degrees (in y, in x) of the coefficients, low ones first, each followed by its transpose. */
const DEGREES: readonly (readonly [number, number])[] = (() => {
  const all: [number, number][] = [];
  for (let sum = 1; sum <= DEGREE; sum++)
    for (let low = Math.floor(sum / 2); low >= 0; low--) {
      const high = sum - low;
      if (high >= DEGREE) continue;
      all.push([low, high]);
      if (low !== high) all.push([high, low]);
    }
  return all;
})();
/** Numbers in a fingerprint. */
export const LENGTH = DEGREES.length;

/** Orientations of a square: its symmetries. */
export const TURNS = 8;
/** For each orientation, where each coefficient comes from and with which sign. */
export const TURNED: readonly { from: Int32Array; sign: Int8Array }[] = Array.from(
  { length: TURNS },
  (_, way) => {
    const index = new Map(DEGREES.map(([u, v], k) => [u * DEGREE + v, k]));
    return {
      from: Int32Array.from(DEGREES, ([u, v]) => index.get(way & 4 ? v * DEGREE + u : u * DEGREE + v)!),
      sign: Int8Array.from(DEGREES, ([u, v]) => (way & 1 && v % 2 ? -1 : 1) * (way & 2 && u % 2 ? -1 : 1)),
    };
  },
);

const MIDDLE = (GRID - 1) / 2;
const RADII = Float64Array.from({ length: GRID * GRID }, (_, p) =>
  Math.hypot(Math.floor(p / GRID) - MIDDLE, (p % GRID) - MIDDLE),
);
const RING = Int32Array.from(RADII, Math.round);
const RINGS = Math.max(...RING) + 1;
const RING_SIZE = RING.reduce((sizes, ring) => {
  sizes[ring]!++;
  return sizes;
}, new Float64Array(RINGS));
/** cos(π (x + ½) u / GRID) with the norm that makes the transform orthogonal. */
const COSINES = Float64Array.from({ length: DEGREE * GRID }, (_, k) => {
  const [u, x] = [Math.floor(k / GRID), k % GRID];
  return Math.cos((Math.PI * (x + 0.5) * u) / GRID) * Math.sqrt((u === 0 ? 1 : 2) / GRID);
});
const EMPHASIS = Float64Array.from(DEGREES, ([u, v]) => Math.hypot(u, v) ** POWER);

/** Takes fingerprints of images of one shape. */
export class Fingerprinter {
  private readonly shape: readonly [number, number, number];
  /** Side of the square that is used, and how far its centre may move, pixels. */
  private readonly side: number;
  private readonly reach: number;
  private readonly cells: Float64Array; // (C, GRID, GRID)
  private readonly lines: Float64Array; // (GRID, W)
  private readonly light = new Float64Array(GRID * GRID);
  private readonly sorted = new Float64Array(GRID * GRID);
  private readonly levels: Float64Array;
  private readonly spreads: Float64Array;
  private readonly half = new Float64Array(DEGREE * GRID);

  /**
   * @param shape [C, H, W]
   * @param field side of the square of sky that all compared images cover, pixels (not rounded)
   */
  constructor(shape: readonly [number, number, number], field: number) {
    if (field < LEAST_SIZE || field > Math.min(shape[1], shape[2]) + 1e-6)
      refuse("fingerprint", "field", `${LEAST_SIZE} to ${Math.min(shape[1], shape[2])} pixels`, field);
    this.shape = shape;
    this.side = INNER * field;
    this.reach = (field - this.side) / 2;
    this.levels = new Float64Array(shape[0]);
    this.spreads = new Float64Array(shape[0]);
    this.cells = new Float64Array(shape[0] * GRID * GRID);
    this.lines = new Float64Array(GRID * shape[2]);
  }

  /**
   * @param image (C, H, W)
   * @returns a vector of length 1, or null for an image that has nothing to recognise it by
   */
  take(image: ShardValues): Float64Array | null {
    this.average(image, 0, 0);
    this.measure();
    this.stretch();
    const [dx, dy] = this.centre();
    if (dx !== 0 || dy !== 0) {
      this.average(image, dx, dy);
      this.stretch();
    }
    this.flatten();
    return this.transform();
  }

  /** Averages each band over the grid's cells, with the square's centre moved by (dx, dy) pixels. */
  private average(image: ShardValues, dx: number, dy: number): void {
    const [channels, height, width] = this.shape;
    const { side, cells, lines } = this;
    const cell = side / GRID;
    const top = (height - side) / 2 + dy;
    const left = (width - side) / 2 + dx;
    for (let c = 0; c < channels; c++) {
      lines.fill(0);
      for (let i = 0; i < GRID; i++) {
        const [from, to] = [top + i * cell, top + (i + 1) * cell];
        for (let y = Math.max(0, Math.floor(from)); y < Math.min(height, to); y++) {
          const part = (Math.min(y + 1, to) - Math.max(y, from)) / cell;
          const start = (c * height + y) * width;
          for (let x = 0; x < width; x++) lines[i * width + x]! += part * image[start + x]!;
        }
      }
      for (let j = 0; j < GRID; j++) {
        const [from, to] = [left + j * cell, left + (j + 1) * cell];
        const [low, high] = [Math.max(0, Math.floor(from)), Math.min(width, to)];
        for (let i = 0; i < GRID; i++) {
          let sum = 0;
          for (let x = low; x < high; x++)
            sum += (Math.min(x + 1, to) - Math.max(x, from)) * lines[i * width + x]!;
          cells[(c * GRID + i) * GRID + j] = sum / cell;
        }
      }
    }
  }

  /** Each band's median and median deviation, or mean deviation if more than half of it is flat, as in drawings. */
  private measure(): void {
    const { cells, sorted, levels, spreads } = this;
    const n = GRID * GRID;
    for (let c = 0; c < levels.length; c++) {
      sorted.set(cells.subarray(c * n, (c + 1) * n));
      const level = upperMedian(sorted);
      levels[c] = level;
      for (let p = 0; p < n; p++) sorted[p] = Math.abs(sorted[p]! - level);
      const mean = sorted.reduce((sum, deviation) => sum + deviation, 0) / n;
      spreads[c] = upperMedian(sorted) || mean;
    }
  }

  /** Sums the bands' cells, each above its median and softened by its spread. */
  private stretch(): void {
    const { cells, light, levels, spreads } = this;
    light.fill(0);
    const n = GRID * GRID;
    for (let c = 0; c < levels.length; c++) {
      const [level, soft] = [levels[c]!, SOFTENING * spreads[c]!];
      if (soft > 0) for (let p = 0; p < n; p++) light[p]! += Math.asinh((cells[c * n + p]! - level) / soft);
    }
  }

  /** How far the light of the middle is from the square's centre, pixels: (x, y). */
  private centre(): [number, number] {
    const { light, side, reach } = this;
    let [x, y] = [0, 0];
    // The window follows the light.
    for (let round = 0; round < 6; round++) {
      let [all, sumX, sumY] = [0, 0, 0];
      for (let i = 0; i < GRID; i++)
        for (let j = 0; j < GRID; j++) {
          const value = light[i * GRID + j]!;
          if (value <= 0) continue;
          const [dy, dx] = [i - MIDDLE - y, j - MIDDLE - x];
          const w = value * Math.exp(-(dx * dx + dy * dy) / (2 * WINDOW * WINDOW));
          all += w;
          sumX += w * dx;
          sumY += w * dy;
        }
      if (all === 0) break;
      x += (1.5 * sumX) / all;
      y += (1.5 * sumY) / all;
    }
    const within = (cells: number) => Math.max(-reach, Math.min(reach, (cells * side) / GRID));
    return [within(x), within(y)];
  }

  /** Subtracts the mean of each ring. */
  private flatten(): void {
    const { light } = this;
    const sums = new Float64Array(RINGS);
    for (let p = 0; p < light.length; p++) sums[RING[p]!]! += light[p]!;
    for (let p = 0; p < light.length; p++) light[p]! -= sums[RING[p]!]! / RING_SIZE[RING[p]!]!;
  }

  private transform(): Float64Array | null {
    const { light, half } = this;
    half.fill(0);
    for (let u = 0; u < DEGREE; u++)
      for (let y = 0; y < GRID; y++) {
        const c = COSINES[u * GRID + y]!;
        for (let x = 0; x < GRID; x++) half[u * GRID + x]! += c * light[y * GRID + x]!;
      }
    const vector = new Float64Array(LENGTH);
    let squares = 0;
    for (let k = 0; k < LENGTH; k++) {
      const [u, v] = DEGREES[k]!;
      let sum = 0;
      for (let x = 0; x < GRID; x++) sum += half[u * GRID + x]! * COSINES[v * GRID + x]!;
      vector[k] = sum * EMPHASIS[k]!;
      squares += vector[k]! ** 2;
    }
    if (!(squares > 1e-12)) return null;
    const length = Math.sqrt(squares);
    return vector.map((x) => x / length);
  }
}

/** Fingerprints of many images, 166 bytes each. */
export class Fingerprints {
  readonly count: number;
  /** WORDS words per image. */
  readonly hashes: Int32Array;
  /** LENGTH numbers per image. */
  readonly vectors: Int8Array;
  /** 2-norm of each vector as stored; 0 for an image without a fingerprint. */
  readonly norms: Float32Array;

  constructor(count: number) {
    this.count = count;
    this.hashes = new Int32Array(WORDS * count);
    this.vectors = new Int8Array(LENGTH * count);
    this.norms = new Float32Array(count);
  }

  set(i: number, vector: Float64Array | null): void {
    if (vector === null) return;
    let squares = 0;
    for (let k = 0; k < LENGTH; k++) {
      const value = Math.max(-127, Math.min(127, Math.round(SCALE * vector[k]!)));
      this.vectors[i * LENGTH + k] = value;
      squares += value * value;
    }
    this.norms[i] = Math.sqrt(squares);
    for (let k = 0; k < BITS; k++) if (vector[k]! > 0) this.hashes[i * WORDS + (k >> 5)]! |= 1 << (k & 31);
  }

  /** Copies other fingerprints into these, the first to index `start`. */
  copy(from: Fingerprints, start: number): void {
    this.hashes.set(from.hashes, start * WORDS);
    this.vectors.set(from.vectors, start * LENGTH);
    this.norms.set(from.norms, start);
  }

  /** Correlation of image `a`, in a given orientation, with image `b`: −1 to 1. */
  likeness(a: number, way: number, b: number): number {
    const { from, sign } = TURNED[way]!;
    const { vectors, norms } = this;
    const [atA, atB] = [a * LENGTH, b * LENGTH];
    let sum = 0;
    for (let k = 0; k < LENGTH; k++) sum += sign[k]! * vectors[atA + from[k]!]! * vectors[atB + k]!;
    return norms[a] === 0 || norms[b] === 0 ? 0 : sum / (norms[a]! * norms[b]!);
  }
}
