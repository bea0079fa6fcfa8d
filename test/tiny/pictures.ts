/** Images of made-up sky: a few galaxies each, and noise; the same sky can be taken again in another way. */
import { Draws } from "../../src/foundation/random.ts";

export interface Taken {
  size?: number;
  /** Sigma of the noise, and its seed. */
  sigma?: number;
  noise?: number;
  /** Pixels by which the view is moved. */
  dx?: number;
  dy?: number;
  /** Size of a pixel in the sky's own pixels. */
  scale?: number;
  stretch?: (flux: number) => number;
  bands?: number;
}

/** Image `sky` (C, H, W): a bright galaxy in the middle and five others around. */
export function picture(sky: number, taken: Taken = {}): Float32Array {
  const { size = 48, sigma = 0.2, noise = 0, dx = 0, dy = 0, scale = 1, bands = 2 } = taken;
  const { stretch = (flux) => flux } = taken;
  const draws = new Draws(sky, 1);
  const galaxies = Array.from({ length: 6 }, (_, k) => ({
    x: k === 0 ? 0 : draws.uniform(-20, 20),
    y: k === 0 ? 0 : draws.uniform(-20, 20),
    flux: k === 0 ? 60 : draws.logUniform(3, 30),
    width: draws.uniform(1.5, 4),
    e: draws.uniform(0.4, 1),
    angle: draws.orientation(),
    colour: draws.uniform(0.5, 1.5),
  }));
  const grain = new Draws(sky, 2, noise);
  return Float32Array.from({ length: bands * size * size }, (_, at) => {
    const band = Math.floor(at / (size * size));
    const x = ((at % size) - (size - 1) / 2) * scale + dx;
    const y = ((Math.floor(at / size) % size) - (size - 1) / 2) * scale + dy;
    let flux = 0;
    for (const one of galaxies) {
      const [u, v] = [x - one.x, y - one.y];
      const along = u * Math.cos(one.angle) + v * Math.sin(one.angle);
      const across = (-u * Math.sin(one.angle) + v * Math.cos(one.angle)) / one.e;
      flux += one.flux * one.colour ** band * Math.exp(-Math.hypot(along, across) / one.width);
    }
    return stretch(flux + sigma * grain.normal());
  });
}

/** Turned by quarters and mirrored: orientation 0 to 7. */
export function laid(image: Float32Array, size: number, way: number): Float32Array {
  return Float32Array.from(image, (_, at) => {
    const start = Math.floor(at / (size * size)) * size * size;
    let [y, x] = [Math.floor(at / size) % size, at % size];
    if (way & 1) x = size - 1 - x;
    if (way & 2) y = size - 1 - y;
    if (way & 4) [x, y] = [y, x];
    return image[start + y * size + x]!;
  });
}
