/** A picture to draw other pictures and lines on. */
import type { Rgb } from "./display.ts";

export type Colour = readonly [number, number, number] | Uint8Array;

const PAPER = 24;

export class Canvas implements Rgb {
  readonly width: number;
  readonly height: number;
  /** (H, W, 3) */
  readonly data: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height * 3).fill(PAPER);
  }

  /** Paints a pixel; one outside the canvas is left out. */
  dot(x: number, y: number, colour: Colour): void {
    if (x >= 0 && y >= 0 && x < this.width && y < this.height)
      this.data.set(colour, 3 * (y * this.width + x));
  }

  box(left: number, top: number, width: number, height: number, colour: Colour): void {
    for (let y = top; y < top + height; y++) for (let x = left; x < left + width; x++) this.dot(x, y, colour);
  }

  /** Draws a picture, every pixel repeated `factor` times along both sides. */
  picture(picture: Rgb, left: number, top: number, factor = 1): void {
    const { width, height, data } = picture;
    for (let y = 0; y < height * factor; y++)
      for (let x = 0; x < width * factor; x++) {
        const from = 3 * (Math.floor(y / factor) * width + Math.floor(x / factor));
        this.dot(left + x, top + y, data.subarray(from, from + 3));
      }
  }
}
