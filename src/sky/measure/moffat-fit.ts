/** A round Moffat profile fitted to a star's pixels: least squares by Levenberg-Marquardt. */
import { linearSolve } from "../../foundation/linear-solve.ts";

export interface MoffatFit {
  x: number;
  y: number;
  peak: number;
  /** Pixels. */
  fwhm: number;
  beta: number;
  /** Root mean square of the residuals, in units of the peak. */
  residual: number;
}

export interface StampPixel {
  x: number;
  y: number;
  value: number;
}

const PASSES = 60;
const SINGULAR = 1e-300;

/**
 * Fits A (1 + r² / γ²)^(−β) about (x, y). The sky is 0.
 *
 * @param fwhm a first guess, pixels
 * @returns null if it does not converge within the pixels
 */
export function fitMoffat(
  pixels: readonly StampPixel[],
  x: number,
  y: number,
  fwhm: number,
): MoffatFit | null {
  const peak = Math.max(...pixels.map(({ value }) => value));
  // peak, x, y, ln γ, ln(β − 1)
  let p = [peak, x, y, Math.log(fwhm * 0.98), Math.log(2)];
  let cost = costOf(pixels, p);
  let damping = 1e-3;
  for (let pass = 0; pass < PASSES; pass++) {
    const step = stepOf(pixels, p, damping);
    if (step === null) return null;
    const candidate = p.map((value, k) => value + step[k]!);
    const next = costOf(pixels, candidate);
    if (next < cost) {
      const gain = (cost - next) / cost;
      [p, cost, damping] = [candidate, next, damping / 5];
      if (gain < 1e-7) break;
    } else {
      damping *= 5;
      if (damping > 1e8) break;
    }
  }
  const [a, cx, cy, lnGamma, lnBeta] = p as [number, number, number, number, number];
  const beta = 1 + Math.exp(lnBeta);
  const width = 2 * Math.exp(lnGamma) * Math.sqrt(2 ** (1 / beta) - 1);
  if (!(a > 0) || !Number.isFinite(width) || Math.hypot(cx - x, cy - y) > 2 * fwhm) return null;
  return { x: cx, y: cy, peak: a, fwhm: width, beta, residual: Math.sqrt(cost / pixels.length) / a };
}

function model(p: readonly number[], { x, y }: StampPixel) {
  const [a, cx, cy, lnGamma, lnBeta] = p as [number, number, number, number, number];
  const square = Math.exp(2 * lnGamma);
  const excess = Math.exp(Math.min(5, lnBeta));
  const [dx, dy] = [x - cx, y - cy];
  const radius = (dx * dx + dy * dy) / square;
  const fall = (1 + radius) ** -(1 + excess);
  return { a, dx, dy, square, excess, radius, fall };
}

function costOf(pixels: readonly StampPixel[], p: readonly number[]): number {
  let sum = 0;
  for (const pixel of pixels) {
    const { a, fall } = model(p, pixel);
    sum += (pixel.value - a * fall) ** 2;
  }
  return Number.isFinite(sum) ? sum : Infinity;
}

function stepOf(pixels: readonly StampPixel[], p: readonly number[], damping: number): number[] | null {
  const n = p.length;
  const matrix = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const right = new Array<number>(n).fill(0);
  for (const pixel of pixels) {
    const { a, dx, dy, square, excess, radius, fall } = model(p, pixel);
    const slope = (2 * a * (1 + excess) * fall) / (1 + radius);
    const row = [
      fall,
      (slope * dx) / square,
      (slope * dy) / square,
      slope * radius,
      -a * fall * Math.log1p(radius) * excess,
    ];
    const residual = pixel.value - a * fall;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i]![j]! += row[i]! * row[j]!;
      right[i]! += row[i]! * residual;
    }
  }
  for (let i = 0; i < n; i++) matrix[i]![i]! *= 1 + damping;
  return linearSolve(matrix, right, SINGULAR);
}
