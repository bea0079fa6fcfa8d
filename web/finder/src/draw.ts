/** Images and heat drawn on a canvas. */
import { zscale } from "../../src/draw/zscale.ts";
import type { Size } from "./heat.ts";

/** A pixel's red, green and blue from a finder's image: three bands by their order of wavelength backwards, or grey. */
export function drawImage(
  canvas: HTMLCanvasElement,
  image: Float32Array,
  size: Size,
  display: boolean,
): void {
  const plane = size.height * size.width;
  const shown = size.channels >= 3 ? (display ? [0, 1, 2] : [2, 1, 0]) : [0, 0, 0];
  const ranges = shown.map((c): [number, number] =>
    display ? [0, 255] : zscale(image.subarray(c * plane, (c + 1) * plane)),
  );
  draw(canvas, size, (at) =>
    shown.map((c, k) => {
      const [low, high] = ranges[k]!;
      return (255 * (image[c * plane + at]! - low)) / Math.max(high - low, 1e-30);
    }),
  );
}

/** Red where hiding lowers the logit, blue where it raises it. */
export function drawHeat(canvas: HTMLCanvasElement, heat: Float32Array, size: Size): void {
  const most = Math.max(1e-12, ...heat.map(Math.abs));
  draw(canvas, size, (at) => {
    const share = heat[at]! / most;
    return share > 0 ? [255 * share, 90 * share, 20 * share] : [-20 * share, -90 * share, -255 * share];
  });
}

/** Row 0 of FITS is at the bottom of the sky, and is drawn on top here, as in the array. */
function draw(canvas: HTMLCanvasElement, { height, width }: Size, colour: (at: number) => number[]): void {
  canvas.width = width;
  canvas.height = height;
  const picture = new ImageData(width, height);
  for (let at = 0; at < height * width; at++) picture.data.set([...colour(at), 255], 4 * at);
  canvas.getContext("2d")!.putImageData(picture, 0, 0);
}
