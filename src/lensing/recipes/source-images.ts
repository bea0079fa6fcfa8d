/** Images of galaxies from a recipe's files, as sources. */
import { readImages } from "../../sky/image-file.ts";
import { keptByFile } from "../../sky/kept.ts";
import { checkImage, type SourceImage } from "../profiles/light/image.ts";
import type { Recipe } from "./recipe.ts";

export interface SizedImage {
  image: SourceImage;
  /** Radius around the light's centroid that holds half of it, arcsec. */
  halfLight: number;
}

type Images = NonNullable<Recipe["lens"]["source"]["images"]>;

const kept = keptByFile<SizedImage[]>();

/**
 * The images of a recipe's sources, in the order of its files and their planes; the first row is the lowest, as in FITS.
 * A file is read once, as long as it stays as it is.
 *
 * @throws ArcletError naming the file and the plane: unreadable, pixels that are not finite, no light
 */
export function sourceImages({ files, scale }: Images): SizedImage[] {
  return files.flatMap((file) =>
    kept(file, [scale], () => {
      const { shape, data } = readImages(file);
      const [count, height, width] = shape;
      const area = height * width;
      return Array.from({ length: count }, (_, k) => {
        const pixels = data.subarray(k * area, (k + 1) * area);
        const image: SourceImage = { pixels, width, height, scale };
        checkImage(image, count === 1 ? file : `${file} plane ${k}`);
        return { image, halfLight: halfLightOf(image) };
      });
    }),
  );
}

function halfLightOf({ pixels, width, height, scale }: SourceImage): number {
  const [x0, y0] = centroid(pixels, width);
  const light = Array.from(pixels, (value, p) => ({
    r: Math.hypot((p % width) - x0, Math.floor(p / width) - y0),
    value: Math.max(0, value),
  })).sort((a, b) => a.r - b.r);
  const half = light.reduce((sum, { value }) => sum + value, 0) / 2;
  let sum = 0;
  const pixel = light.find(({ value }) => {
    sum += value;
    return sum >= half;
  });
  return Math.max(0.5, pixel?.r ?? Math.min(width, height) / 4) * scale;
}

function centroid(pixels: SourceImage["pixels"], width: number): [x: number, y: number] {
  let [sum, x, y] = [0, 0, 0];
  for (const [p, value] of pixels.entries()) {
    const weight = Math.max(0, value);
    sum += weight;
    x += weight * (p % width);
    y += weight * Math.floor(p / width);
  }
  return [x / sum, y / sum];
}
