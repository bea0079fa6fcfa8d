/** Images brought to pixels of another size, real and simulated ones by the same operator: `remapped`. */
import type { ShardValues } from "../dataset/npy-writer.ts";
import { remapped } from "./importing/remap.ts";

/** Sides of pixels that differ by no more than 1 % are the same: nothing is resampled. */
export const sameScale = (ratio: number): boolean => Math.abs(ratio - 1) <= 0.01;

/**
 * An image on another grid about its middle. Of flux, each new pixel has what falls into it. A composite has brightness
 * in place of flux: each new pixel has the mean over its area, rounded to a level, so that sky stays as dark as it was.
 *
 * @param image (C, height, width): Uint8Array for composites, Float32Array for flux
 * @param ratio side of an old pixel over that of a new one
 * @returns (C, ...to), of the same type
 */
export function regridded(
  image: ShardValues,
  sides: readonly [number, number],
  ratio: number,
  to: readonly [number, number],
): ShardValues {
  const plane = sides[0] * sides[1];
  const newPlane = to[0] * to[1];
  const channels = image.length / plane;
  const bytes = image instanceof Uint8Array;
  const out = bytes ? new Uint8Array(channels * newPlane) : new Float32Array(channels * newPlane);
  for (let c = 0; c < channels; c++) {
    const values = remapped(image.subarray(c * plane, (c + 1) * plane), sides, ratio, to);
    if (bytes)
      for (let i = 0; i < newPlane; i++)
        values[i] = Math.min(255, Math.max(0, Math.round(values[i]! * ratio ** 2)));
    out.set(values, c * newPlane);
  }
  return out;
}
