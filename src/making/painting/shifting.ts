/**
 * Galaxies off the middle, as where positions come from another survey or a deflector is not what was detected: the cutout
 * is moved by whole pixels, and the strip that comes free shows the mirror image of what is beside it.
 */
import { Draws } from "../../foundation/random.ts";
import type { Light, Mass } from "../../lensing/scene.ts";
import { cat, tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** Pixels to the right and downwards. */
export type Shift = readonly [right: number, down: number];

/** The shift of image `index`, evenly in a disc. @param most its radius, pixels; 0 for none */
export function shiftOf(seed: number, index: number, most: number): Shift {
  if (most === 0) return [0, 0];
  const d = new Draws(seed, index, 9);
  const radius = most * Math.sqrt(d.uniform());
  const angle = d.uniform(0, 2 * Math.PI);
  // Adding 0 makes −0 a plain 0.
  return [Math.round(radius * Math.cos(angle)) + 0, Math.round(radius * Math.sin(angle)) + 0];
}

/** @param images (B, C, S, S) @param shifts one an image (B) @returns new images (B, C, S, S) */
export function shifted(images: Tensor, shifts: readonly Shift[]): Tensor {
  if (shifts.every(([right, down]) => right === 0 && down === 0)) return images.contiguous();
  const side = images.shape[3]!;
  return tidy(() =>
    cat(
      shifts.map(([right, down], k) =>
        images
          .narrow(0, k, 1)
          .indexSelect(2, tensor(cameFrom(side, down)))
          .indexSelect(3, tensor(cameFrom(side, right))),
      ),
    ),
  );
}

/** Of each pixel along a side the one that it was: beyond an edge, as far within it. */
const cameFrom = (side: number, by: number): Int32Array =>
  Int32Array.from({ length: side }, (_, p) => {
    const from = p - by;
    return from < 0 ? -1 - from : from >= side ? 2 * side - 1 - from : from;
  });

/**
 * A lens moved with its host. Behind a lens that is elsewhere, external shear about the middle moves the source too.
 *
 * @param scale arcsec a pixel
 */
export function movedLens(
  { mass, lights }: { mass: Mass; lights: readonly Light[] },
  [right, down]: Shift,
  scale: number,
): { mass: Mass; lights: Light[] } {
  const [dx, dy] = [right * scale, -down * scale];
  const { gamma1, gamma2 } = mass;
  const [sx, sy] = [dx - gamma1 * dx - gamma2 * dy, dy - gamma2 * dx + gamma1 * dy];
  return {
    mass: { ...mass, x: mass.x + dx, y: mass.y + dy },
    lights: lights.map((light) => ({ ...light, x: light.x + sx, y: light.y + sy })),
  };
}
