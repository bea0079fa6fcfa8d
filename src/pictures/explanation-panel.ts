/**
 * An object's panel: its image, and of every method the heat with its scale and the image with the lines of half the
 * largest heat. Heat maps share no scale: each ends at its own largest value, which is printed.
 */
import { Canvas, type Colour, INK, SOFT } from "./canvas.ts";
import { heatColour } from "./colour-map.ts";
import type { Rgb } from "./display.ts";
import { LETTER, widthOf } from "./lettering.ts";

export interface Heat {
  /** Printed above it, e.g. `gradcam`. */
  readonly name: string;
  /** (H W); negative heat is shown as none. */
  readonly values: Float32Array;
}

export interface PanelContent {
  readonly picture: Rgb;
  readonly heats: readonly Heat[];
  /** Lines above the tiles, e.g. rank, score and id. */
  readonly title: readonly string[];
  /** Arcsec per pixel, for the scale bar. */
  readonly pixelScale: number;
  /** 1 on a true arc (H W); its edge is drawn on the image and the heat. */
  readonly arc?: Uint8Array;
}

const MARGIN = 6;
const GAP = 4;
const TEXT = 2;
const LINE = TEXT * LETTER.height;
const BAR = 8;
/** Tiles are enlarged by whole factors up to this side, pixels. */
const SIDE = 192;

const HALF: Colour = [255, 255, 255];
const ARC: Colour = [64, 224, 255];

export function panel({ picture, heats, title, pixelScale, arc }: PanelContent): Canvas {
  const { width: W, height: H } = picture;
  const factor = Math.max(1, Math.floor(SIDE / Math.max(W, H)));
  const [tileW, tileH] = [W * factor, H * factor];
  const tiles = 1 + 2 * heats.length;
  const top = MARGIN + title.length * (LINE + GAP) + LINE + 2 * GAP;
  const width = 2 * MARGIN + tiles * tileW + (tiles - 1) * GAP;
  const canvas = new Canvas(width, top + tileH + GAP + BAR + GAP + LINE + MARGIN);
  for (const [k, line] of title.entries())
    canvas.text(line, MARGIN, MARGIN + k * (LINE + GAP), TEXT, k === 0 ? INK : SOFT, width - 2 * MARGIN);
  const leftOf = (tile: number) => MARGIN + tile * (tileW + GAP);
  const head = (tile: number, text: string, colour = SOFT) =>
    canvas.text(text, leftOf(tile), top - GAP - LINE, TEXT, colour, tileW);

  head(0, arc === undefined ? "image" : "image, true arc");
  canvas.picture(picture, leftOf(0), top, factor);
  if (arc !== undefined) outline(canvas, leftOf(0), top, enlarged(arc, W, H, factor, "nearest"), tileW, ARC);
  scaleBar(canvas, leftOf(0), top + tileH + GAP, tileW, factor, pixelScale);

  for (const [k, { name, values }] of heats.entries()) {
    const most = values.reduce((high, value) => Math.max(high, value), 0);
    const fine = enlarged(values, W, H, factor, "linear");
    const [heat, lines] = [1 + 2 * k, 2 + 2 * k];
    head(heat, name, INK);
    for (let i = 0; i < fine.length; i++)
      canvas.dot(
        leftOf(heat) + (i % tileW),
        top + Math.floor(i / tileW),
        heatColour(most > 0 ? fine[i]! / most : 0),
      );
    if (arc !== undefined)
      outline(canvas, leftOf(heat), top, enlarged(arc, W, H, factor, "nearest"), tileW, ARC);
    colourBar(canvas, leftOf(heat), top + tileH + GAP, tileW, most);
    head(lines, most > 0 ? "half of it" : "no heat");
    canvas.picture(picture, leftOf(lines), top, factor);
    if (most > 0) {
      const inside = fine.map((value) => Number(value >= most / 2));
      outline(canvas, leftOf(lines), top, inside, tileW, HALF);
    }
  }
  return canvas;
}

/** Panels below and beside each other. */
export function panelMosaic(panels: readonly Canvas[], widest = 1600): Canvas {
  const width = Math.max(...panels.map((drawn) => drawn.width));
  const height = Math.max(...panels.map((drawn) => drawn.height));
  const across = Math.max(1, Math.min(panels.length, Math.floor(widest / width)));
  const canvas = new Canvas(across * width, Math.ceil(panels.length / across) * height);
  for (const [k, drawn] of panels.entries())
    canvas.picture(drawn, (k % across) * width, Math.floor(k / across) * height);
  return canvas;
}

/** Inside pixels with a neighbour outside: a line one pixel wide, on a dark rim. */
function outline(
  canvas: Canvas,
  left: number,
  top: number,
  inside: ArrayLike<number>,
  width: number,
  colour: Colour,
): void {
  const height = inside.length / width;
  const isInside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x]! > 0;
  const beside = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const;
  const edge = (side: boolean, paint: Colour) => {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (isInside(x, y) === side && beside.some(([dx, dy]) => isInside(x + dx, y + dy) !== side))
          canvas.dot(left + x, top + y, paint);
  };
  edge(false, [0, 0, 0]);
  edge(true, colour);
}

function scaleBar(canvas: Canvas, left: number, top: number, tileW: number, factor: number, scale: number) {
  // The longest of these that is at most half as long as the tile.
  const lengths = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120];
  const pixels = (arcsec: number) => Math.round((arcsec / scale) * factor);
  const arcsec = lengths.filter((length) => pixels(length) <= tileW / 2).at(-1);
  if (arcsec === undefined) return;
  canvas.box(left, top + BAR / 2 - 1, pixels(arcsec), 2, INK);
  for (const end of [0, pixels(arcsec) - 2]) canvas.box(left + end, top, 2, BAR, INK);
  canvas.text(`${arcsec}"`, left, top + BAR + GAP, TEXT, SOFT);
}

function colourBar(canvas: Canvas, left: number, top: number, width: number, most: number): void {
  for (let x = 0; x < width; x++) canvas.box(left + x, top, 1, BAR, heatColour(x / (width - 1)));
  const high = most === 0 ? "0" : most.toPrecision(2);
  canvas.text("0", left, top + BAR + GAP, TEXT, SOFT);
  canvas.text(high, left + width - TEXT * widthOf(high), top + BAR + GAP, TEXT, SOFT);
}

/** (H W) → (H f × W f), pixel centres at half-integers. */
function enlarged(
  values: ArrayLike<number>,
  W: number,
  H: number,
  factor: number,
  kind: "nearest" | "linear",
): Float32Array {
  const fine = new Float32Array(W * H * factor * factor);
  const width = W * factor;
  for (let i = 0; i < fine.length; i++) {
    const [px, py] = [i % width, Math.floor(i / width)];
    if (kind === "nearest") {
      fine[i] = values[Math.floor(py / factor) * W + Math.floor(px / factor)]!;
      continue;
    }
    const x = Math.min(W - 1, Math.max(0, (px + 0.5) / factor - 0.5));
    const y = Math.min(H - 1, Math.max(0, (py + 0.5) / factor - 0.5));
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [x1, y1] = [Math.min(W - 1, x0 + 1), Math.min(H - 1, y0 + 1)];
    const [fx, fy] = [x - x0, y - y0];
    const upper = values[y0 * W + x0]! * (1 - fx) + values[y0 * W + x1]! * fx;
    const lower = values[y1 * W + x0]! * (1 - fx) + values[y1 * W + x1]! * fx;
    fine[i] = upper * (1 - fy) + lower * fy;
  }
  return fine;
}
