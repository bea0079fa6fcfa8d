/** Observable Plot drawn without a browser: an SVG as text that follows the light or dark of its page. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { html } from "./html.ts";

/** Drawing size in CSS pixels: as wide as a report shows it, so that its text is as large as the page's. */
const WIDTH = 530;
const HEIGHT = 370;
/** Of all text, CSS pixels: a page's body. */
const TEXT = 16;

/** The colour of the k-th series: a page may set `--series-1` to `--series-6`; these serve both themes. */
export function seriesColour(k: number): string {
  const colours = ["#3b82c4", "#e07b39", "#3a9d6e", "#c0567f", "#8c6fc7", "#8a8f3c"];
  const index = k % colours.length;
  return `var(--series-${index + 1}, ${colours[index]})`;
}

/** The dash of the k-th series, so that series differ without colour. */
export function seriesDash(k: number): string {
  // From the seventh on, where colours repeat, each has another dash.
  return ["none", "6 3", "2 3", "9 3 2 3", "4 2", "1 2"][(k + Math.floor(k / 6)) % 6]!;
}

export interface Legend {
  readonly name: string;
  /** Number of the series; null for the colour of the text, softened. */
  readonly k: number | null;
  /** A dot instead of a line. */
  readonly dot?: boolean;
}

export interface Size {
  readonly width: number;
  /** Without the legend. */
  readonly height: number;
}

/**
 * Draws a plot.
 *
 * @param title what the figure shows, for readers who can't see it
 * @param options of Observable Plot; marks, axes
 * @param legend the names of the series, drawn below the plot
 * @returns an `<svg>` element as text, with its namespace, `currentColor` for lines and text
 */
export function drawSvg(
  title: string,
  options: Plot.PlotOptions,
  legend: readonly Legend[] = [],
  { width, height }: Size = { width: WIDTH, height: HEIGHT },
): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const rows = legendRows(legend, width);
  const svg = Plot.plot({
    document,
    width,
    height: height + LINE * rows.length + (rows.length === 0 ? 0 : 12),
    marginTop: 36,
    marginLeft: 66,
    marginRight: 20,
    marginBottom: 54 + (rows.length === 0 ? 0 : 12 + LINE * rows.length),
    style: { fontSize: `${TEXT}px`, background: "transparent", overflow: "visible" },
    ...options,
    // Plot would set the axis label below the legend.
    x: { labelOffset: 48, ...options.x },
  });
  if (rows.length > 0) svg.appendChild(drawLegend(document, rows, height));
  // Set as text: the serialiser leaves characters in attributes that XML does not allow.
  const opening = html`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${title}" `;
  return svg.outerHTML.replace("<svg ", () => opening.text);
}

const LINE = 23;
const SWATCH = 28;
/** The mean width of a letter, somewhat generous. */
const LETTER = 8.9;

interface LegendEntry extends Legend {
  readonly x: number;
}

/** Names from left to right, a new row when the width is used up. */
function legendRows(legend: readonly Legend[], most: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let x = Number.POSITIVE_INFINITY;
  for (const entry of legend) {
    const width = SWATCH + entry.name.length * LETTER + 14;
    if (x + width > most) {
      rows.push([]);
      x = 8;
    }
    rows.at(-1)!.push({ ...entry, x });
    x += width;
  }
  return rows;
}

function drawLegend(document: Document, rows: readonly LegendEntry[][], height: number): SVGElement {
  const element = (name: string, attributes: Record<string, string | number>) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name) as SVGElement;
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
    return node;
  };
  const group = element("g", { "aria-label": "legend", "text-anchor": "start" });
  for (const [r, row] of rows.entries()) {
    for (const { name, k, x, dot } of row) {
      const y = height + 10 + r * LINE;
      const colour: Record<string, string | number> =
        k === null ? { fill: "currentColor", "fill-opacity": 0.35 } : { fill: seriesColour(k) };
      const stroke = {
        stroke: seriesColour(k ?? 0),
        "stroke-width": 2.5,
        "stroke-dasharray": seriesDash(k ?? 0),
      };
      group.appendChild(
        dot
          ? element("circle", { cx: x + SWATCH - 14, cy: y, r: 4, ...colour })
          : element("line", { x1: x, x2: x + SWATCH - 6, y1: y, y2: y, ...stroke }),
      );
      const text = element("text", { x: x + SWATCH, y: y + 5 });
      text.textContent = name;
      group.appendChild(text);
    }
  }
  return group;
}

/** `10⁻³` for an exact power of ten, nothing for the numbers between. */
export function powerOfTen(value: number): string {
  const power = Math.log10(value);
  const whole = Math.round(power);
  if (Math.abs(power - whole) > 1e-9) return "";
  if (whole === 0) return "1";
  const raised = [...String(whole)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]));
  return `10${raised.join("")}`;
}

/** The powers of ten from `low` to `high`. */
export function powersOfTen(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => 10 ** (first + k));
}
