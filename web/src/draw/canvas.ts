/** Draws images without WebGL2: each pixel's colour is computed here. */
import { colourTable, STEPS } from "./colour-maps.ts";
import { colourOf, contrasted, type Display, isMapped } from "./display.ts";
import { type Prepared, shownOf } from "./levels.ts";
import type { Painter } from "./painter.ts";

export function canvasPainter(canvas: HTMLCanvasElement): Painter | null {
  const context = canvas.getContext("2d");
  const one = document.createElement("canvas");
  const small = one.getContext("2d");
  if (context === null || small === null) return null;
  return {
    kind: "canvas",
    paint(tiles, display) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.imageSmoothingEnabled = display.smooth;
      for (const { image, x, y, side } of tiles) {
        const [, height, width] = image.shape;
        if (one.width !== width || one.height !== height) [one.width, one.height] = [width, height];
        small.putImageData(new ImageData(coloured(image, display), width, height), 0, 0);
        const [w, h] = [width / display.zoom, height / display.zoom];
        context.drawImage(one, (width - w) / 2, (height - h) / 2, w, h, x, y, side, side);
      }
    },
  };
}

/** An image as 8-bit red, green, blue and opacity. */
function coloured(image: Prepared, display: Display): Uint8ClampedArray<ArrayBuffer> {
  const { values, shape, pixels } = image;
  const size = shape[1] * shape[2];
  const { channels, sky, noise, range } = shownOf(image, display);
  const table = isMapped(display, shape[0]) ? colourTable(display.map) : null;
  const out = new Uint8ClampedArray(4 * size);
  for (let i = 0; i < size; i++) {
    const raw = channels.map((c) => values[c * size + i]!) as [number, number, number];
    const colour =
      pixels === "display"
        ? contrasted(raw, display)
        : colourOf(raw.map((v, k) => (v - sky[k]!) / noise[k]!) as typeof raw, display, range);
    const step = 4 * Math.round((STEPS - 1) * colour[0]);
    for (let k = 0; k < 3; k++) out[4 * i + k] = table === null ? 255 * colour[k]! : table[step + k]!;
    out[4 * i + 3] = 255;
  }
  return out;
}
