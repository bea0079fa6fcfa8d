/** Pictures and words in an SVG: the words are text, so that they can be read at any size, searched and copied. */
import type { Rgb } from "./display.ts";
import { type Html, html } from "./html.ts";
import { picturePng } from "./mosaic.ts";

/** Letters as large as a page's own, pixels. */
export const SIZE = 16;
export const INK = "#e6e6e6";
export const SOFT = "#aeb3bd";
const PAPER = "#181818";

/** An `<svg>` element as text, with its namespace. @param name what it shows, for those who can't see it */
export const pictureSvg = (name: string, width: number, height: number, content: Html): string =>
  html`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${name}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="${SIZE}"><rect width="${width}" height="${height}" fill="${PAPER}"/>${content}</svg>`
    .text;

/** A line of text, its letters on the line y. */
export const words = (x: number, y: number, text: string, fill: string, anchor = "start"): Html =>
  html`<text x="${x}" y="${y}" fill="${fill}" text-anchor="${anchor}">${text}</text>`;

/** A picture, its upper left corner at (x, y). */
export function imageOf(picture: Rgb, x: number, y: number, factor = 1): Html {
  const source = `data:image/png;base64,${Buffer.from(picturePng(picture)).toString("base64")}`;
  const [width, height] = [factor * picture.width, factor * picture.height];
  return html`<image x="${x}" y="${y}" width="${width}" height="${height}" style="image-rendering:pixelated" href="${source}"/>`;
}
