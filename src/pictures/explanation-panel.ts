/**
 * An object's panel: for every method a row of three pictures: the object, the heat with its scale, and the object with
 * the lines of half the largest heat. Heat maps share no scale: each ends at its own largest value, which is written. The
 * panel is an SVG whose words are text: they can be read at any size, searched and copied.
 */
import { Canvas, type Colour } from "./canvas.ts";
import { heatColour } from "./colour-map.ts";
import type { Rgb } from "./display.ts";
import { type Html, html, raw } from "./html.ts";
import { picturePng } from "./mosaic.ts";
import { INK, imageOf, pictureSvg, SIZE, SOFT, words } from "./picture-svg.ts";

export interface Heat {
  /** Printed above it, e.g. `gradcam`. */
  readonly name: string;
  /** (H W); negative heat is shown as none. */
  readonly values: Float32Array;
}

export interface PanelContent {
  readonly picture: Rgb;
  readonly heats: readonly Heat[];
  /** Lines above the pictures, e.g. rank, score and id. */
  readonly title: readonly string[];
  /** Arcsec per pixel, for the scale bar. */
  readonly pixelScale: number;
  /** 1 on a true arc (H W); its edge is drawn on the image and the heat. */
  readonly arc?: Uint8Array;
}

/** A drawn panel. */
export interface Panel {
  /** An `<svg>` element as text, with its namespace. */
  readonly svg: string;
  /** Its pictures without words, three a row. */
  readonly tiles: readonly Rgb[];
}

const MARGIN = 8;
const GAP = 6;
/** Of a line of letters, with the space to the next. */
const LINE = 22;
const BAR = 8;
/** Tiles are enlarged by whole factors up to this side, pixels. */
const SIDE = 192;

const HALF: Colour = [255, 255, 255];
const ARC: Colour = [64, 224, 255];

export function panel({ picture, heats, title, pixelScale, arc }: PanelContent): Panel {
  const { width: W, height: H } = picture;
  const factor = Math.max(1, Math.floor(SIDE / Math.max(W, H)));
  const [tileW, tileH] = [W * factor, H * factor];
  const arcLine = arc && enlarged(arc, W, H, factor, "nearest");
  const withArc = (tile: Canvas): Canvas => {
    if (arcLine !== undefined) outline(tile, arcLine, tileW, ARC);
    return tile;
  };
  const object = (): Canvas => {
    const tile = new Canvas(tileW, tileH);
    tile.picture(picture, 0, 0, factor);
    return tile;
  };
  const head = MARGIN + title.length * LINE;
  const rowHeight = LINE + tileH + GAP + BAR + LINE + GAP;
  const width = 2 * MARGIN + 3 * tileW + 2 * GAP;
  const leftOf = (k: number) => MARGIN + k * (tileW + GAP);
  const tiles: Rgb[] = [];
  const rows = heats.map(({ name, values }, r) => {
    const most = values.reduce((high, value) => Math.max(high, value), 0);
    const fine = enlarged(values, W, H, factor, "linear");
    const half = object();
    if (most > 0)
      outline(
        half,
        fine.map((value) => Number(value >= most / 2)),
        tileW,
        HALF,
      );
    const drawn = [withArc(object()), withArc(heatTile(fine, most, tileW, tileH)), half];
    tiles.push(...drawn);
    const names = [
      arc === undefined ? "image" : "image, true arc",
      name,
      most > 0 ? "half of it" : "no heat",
    ];
    const top = head + r * rowHeight + LINE;
    const below = top + tileH + GAP;
    return html`${drawn.map((tile, k) => [
      words(leftOf(k), top - 6, names[k]!, k === 1 ? INK : SOFT),
      imageOf(tile, leftOf(k), top),
    ])}${scaleBar(leftOf(0), below, tileW, factor / pixelScale)}${colourBar(leftOf(1), below, tileW, most)}`;
  });
  const height = head + heats.length * rowHeight + MARGIN;
  const lines = title.map((line, k) => words(MARGIN, MARGIN + k * LINE + SIZE, line, k === 0 ? INK : SOFT));
  const svg = pictureSvg(title.join(", "), width, height, html`${lines}${rows}`);
  return { svg, tiles };
}

function heatTile(fine: Float32Array, most: number, width: number, height: number): Canvas {
  const tile = new Canvas(width, height);
  for (let i = 0; i < fine.length; i++)
    tile.dot(i % width, Math.floor(i / width), heatColour(most > 0 ? fine[i]! / most : 0));
  return tile;
}

/** Pixels inside that have a neighbour outside: a line one pixel wide, on a dark rim. */
function outline(canvas: Canvas, inside: ArrayLike<number>, width: number, colour: Colour): void {
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
          canvas.dot(x, y, paint);
  };
  edge(false, [0, 0, 0]);
  edge(true, colour);
}

/** @param perArcsec pixels of the panel */
function scaleBar(left: number, top: number, tileW: number, perArcsec: number): Html | null {
  // The longest of these that is at most half as long as the tile.
  const lengths = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120];
  const arcsec = lengths.filter((length) => length * perArcsec <= tileW / 2).at(-1);
  if (arcsec === undefined) return null;
  const end = left + arcsec * perArcsec;
  const path = `M${left} ${top}v${BAR}M${left} ${top + BAR / 2}H${end}M${end} ${top}v${BAR}`;
  return html`<path d="${path}" stroke="${INK}" stroke-width="2" fill="none"/>${words(left, top + BAR + SIZE, `${arcsec}″`, SOFT)}`;
}

function colourBar(left: number, top: number, width: number, most: number): Html {
  const bar = new Canvas(width, 1);
  for (let x = 0; x < width; x++) bar.dot(x, 0, heatColour(x / (width - 1)));
  const source = `data:image/png;base64,${Buffer.from(picturePng(bar)).toString("base64")}`;
  const strip = raw(
    `<image x="${left}" y="${top}" width="${width}" height="${BAR}" preserveAspectRatio="none" href="${source}"/>`,
  );
  const high = most === 0 ? "0" : most.toPrecision(2);
  return html`${strip}${words(left, top + BAR + SIZE, "0", SOFT)}${words(left + width, top + BAR + SIZE, high, SOFT, "end")}`;
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
