/** The noise of a frame between its sources: its sigma in a pixel, and the correlation of neighbours. */
import { robustLevel, upperMedian } from "../../foundation/statistics.ts";
import { background, detect, type Plane, type Sources } from "../detect.ts";

export interface Noise {
  /** Of a pixel of empty sky, flux units. */
  sigma: number;
  /** [dy][dx]; the first is 1. */
  autocorrelation: number[][];
  /** Fraction of the pixels without source or blank. */
  free: number;
  /** The frame without its background. */
  plane: Plane;
  sources: Sources;
}

/** Pixels by which a detected source is grown, for its wings. */
const GROW = 6;
const LAGS = 4;

/** Measures the noise. Sources are detected twice, the second time above the noise without them. */
export function noiseOf(frame: Plane): Noise {
  const { data, width, height, name } = frame;
  const named = name === undefined ? {} : { name };
  const box = Math.max(32, Math.min(64, Math.floor(Math.min(width, height) / 3)));
  let hidden = blanks(data);
  let plane: Plane = frame;
  let sources: Sources | null = null;
  let sigma = 0;
  for (let pass = 0; pass < 2; pass++) {
    const sky = background({ data, width, height, mask: hidden, ...named }, box);
    plane = {
      data: data.map((value, i) => value - sky.levels[i]!),
      width,
      height,
      mask: blanks(data),
      ...named,
    };
    sources = detect(plane, { noise: sky.sigma, threshold: 1.5, pixels: 5 });
    hidden = grown(sources.segments, plane.mask!, width, height);
    sigma = robustSigma(plane.data, hidden);
  }
  const free = hidden.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0) / hidden.length;
  return {
    sigma,
    autocorrelation: autocorrelation(plane.data, hidden, width, height, sigma),
    free,
    plane,
    sources: sources!,
  };
}

/** 1 where a pixel is not finite, or exactly 0, which tools write where there is no data. */
function blanks(data: Float32Array): Uint8Array {
  return Uint8Array.from(data, (value) => (Number.isFinite(value) && value !== 0 ? 0 : 1));
}

/** 1 for sources with their wings, and for blanks. */
export function grown(segments: Int32Array, blank: Uint8Array, width: number, height: number): Uint8Array {
  const hidden = Uint8Array.from(blank);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (segments[i] === 0) continue;
      hidden[i] = 1;
      const within = x > 0 && y > 0 && x < width - 1 && y < height - 1;
      // the surroundings of a source are those of its border
      if (within && segments[i - 1] && segments[i + 1] && segments[i - width] && segments[i + width])
        continue;
      for (let v = Math.max(0, y - GROW); v <= Math.min(height - 1, y + GROW); v++)
        for (let u = Math.max(0, x - GROW); u <= Math.min(width - 1, x + GROW); u++)
          if ((u - x) ** 2 + (v - y) ** 2 <= GROW ** 2) hidden[v * width + u] = 1;
    }
  return hidden;
}

/**
 * The standard deviation of the free pixels from their median absolute deviation, which sources too faint to detect
 * hardly change; 0 if no pixel is free.
 */
function robustSigma(data: Float32Array, hidden: Uint8Array): number {
  const free = data.filter((_, i) => hidden[i] === 0);
  return free.length === 0 ? 0 : robustLevel(free, upperMedian).sigma;
}

/** From pairs of free pixels, both diagonals together: lags 0 to 3. */
function autocorrelation(
  data: Float32Array,
  hidden: Uint8Array,
  width: number,
  height: number,
  sigma: number,
): number[][] {
  const used = (i: number) => hidden[i] === 0 && Math.abs(data[i]!) < 4 * sigma;
  const rho = Array.from({ length: LAGS }, (_, dy) =>
    Array.from({ length: LAGS }, (_, dx) => {
      let [count, sum] = [0, 0];
      for (let y = 0; y + dy < height; y++)
        for (let x = 0; x < width; x++) {
          const i = y * width + x;
          if (!used(i)) continue;
          for (const side of dx === 0 || dy === 0 ? [1] : [1, -1]) {
            const u = x + side * dx;
            const j = (y + dy) * width + u;
            if (u < 0 || u >= width || !used(j)) continue;
            count++;
            sum += data[i]! * data[j]!;
          }
        }
      return count === 0 ? 0 : sum / count;
    }),
  );
  const variance = rho[0]![0]!;
  return rho.map((row) => row.map((value) => (variance === 0 ? 0 : value / variance)));
}
