/** DS9 region files (SAOImage DS9 reference manual, "Regions"): one circle per object, named, coloured by its score. */
import { type Location, refuse } from "../foundation/errors.ts";

export interface Region {
  id: string;
  /** Degrees, ICRS. */
  ra: number;
  dec: number;
  /** Null if there is none. */
  score: number | null;
}

/**
 * The file's text. Colours range from blue at the lowest score to red at the highest, or from 0 to 1 if all scores are
 * within this.
 *
 * @param radius of the circles, arcsec
 * @throws ArcletError naming the row for a name that can't be put in braces or quotes
 */
export function regionsText(path: string, regions: readonly Region[], radius: number): string {
  const scores = regions.flatMap(({ score }) => (score === null || !Number.isFinite(score) ? [] : [score]));
  const low = scores.reduce((a, b) => Math.min(a, b), Infinity);
  const high = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const [least, most] = low >= 0 && high <= 1 ? [0, 1] : [low, high];
  const part = (score: number) => (most > least ? (score - least) / (most - least) : 1);
  const lines = regions.map(({ id, ra, dec, score }, row) => {
    const known = score !== null && Number.isFinite(score);
    const text = quoted(known ? `${id} ${Number(score.toPrecision(4))}` : id, { where: path, row: row + 1 });
    const colour = known ? colourOf(part(score)) : "#ffffff";
    return `circle(${ra.toFixed(7)},${dec.toFixed(7)},${radius}") # color=${colour} text=${text}`;
  });
  return [
    "# Region file format: DS9 version 4.1",
    "global width=2 select=1 edit=1 move=0 delete=1",
    "icrs",
    ...lines,
    "",
  ].join("\n");
}

/** Blue, cyan, green, yellow, red, as `#rrggbb`. */
function colourOf(part: number): string {
  const hue = (1 - part) * 4; // sixths of the circle from red
  const channel = (distance: number) => Math.round(255 * Math.min(1, Math.max(0, 2 - distance)));
  const red = channel(hue);
  const green = channel(Math.abs(hue - 2));
  const blue = channel(Math.abs(hue - 4));
  return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** DS9 has three kinds of quotes and no escapes. */
function quoted(text: string, where: Location): string {
  const line = text.replace(/[\r\n]+/g, " ");
  if (!/[{}]/.test(line)) return `{${line}}`;
  if (!line.includes('"')) return `"${line}"`;
  if (!line.includes("'")) return `'${line}'`;
  return refuse(where, "id", "without braces, or without one kind of quotes", text);
}
