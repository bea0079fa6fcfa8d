/** An object's neighbours in feature space as pictures. */
import { displayRgb, type Rgb } from "../../pictures/display.ts";
import { type Html, html } from "../../pictures/html.ts";
import { INK, imageOf, pictureSvg, SIZE, SOFT, words } from "../../pictures/picture-svg.ts";
import { tidy } from "../../torch/scope.ts";
import { shownAs } from "../evaluation/report.ts";
import type { ReportMosaic } from "../report.ts";
import { type EmbedDomain, findId } from "./domains.ts";
import type { EmbeddedRun } from "./runs.ts";

const TILE = 120;
const GAP = 8;
/** Of a line of letters, with the space to the next; and of a letter, as wide as the widest usual ones are. */
const LINE = 20;
const LETTER = 0.62 * SIZE;

type Tile = ReportMosaic["tiles"][number] & { label: string };

/** The object and its neighbours: an SVG with a row for each run, and tiles for the report. */
export function neighbourPictures(
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
  id: string,
  k: number,
): { svg: string; mosaics: ReportMosaic[] } {
  const object = findId(domains, id);
  const picture = pictureOf(domains[object.domain]!, object.row);
  const mosaics = runs.map(({ name, neighbours }): ReportMosaic & { tiles: Tile[] } => ({
    title: `Neighbours of ${id}, ${name}`,
    caption: "Cosine distance in feature space, the nearest first.",
    tiles: [
      { picture, caption: "the object", id, label: domains[object.domain]!.name },
      ...neighbours[k]!.map(({ domain, row, distance }) => ({
        picture: pictureOf(domains[domain]!, row),
        caption: distance.toPrecision(2),
        id: domains[domain]!.domain.ids[row]!,
        label: domains[domain]!.name,
      })),
    ],
  }));
  const rows = mosaics.map(({ tiles }, r) => ({ name: runs[r]!.name, tiles }));
  return { svg: svgOf(`Neighbours of ${id}`, id, rows), mosaics };
}

/** A row of tiles for each run, its name above; below each tile its distance, its dataset and its id, broken to its width. */
function svgOf(name: string, id: string, rows: readonly { name: string; tiles: readonly Tile[] }[]): string {
  const { picture } = rows[0]!.tiles[0]!;
  const factor = Math.max(1, Math.floor(TILE / Math.max(picture.width, picture.height)));
  const [wide, high] = [factor * picture.width, factor * picture.height];
  const most = Math.max(...rows.map(({ tiles }) => tiles.length));
  const content: Html[] = [words(GAP, GAP + SIZE, id, INK)];
  let y = GAP + LINE;
  for (const row of rows) {
    content.push(words(GAP, y + GAP + SIZE, row.name, SOFT));
    y += 2 * GAP + LINE;
    const below = row.tiles.map(({ label, id: own }) => [...broken(label, wide), ...broken(own, wide)]);
    for (const [n, tile] of row.tiles.entries()) {
      const x = GAP + n * (wide + GAP);
      const lines = below[n]!.map((line, k) => words(x, y + high + (k + 2) * LINE, line, SOFT));
      const distance = words(x, y + high + LINE, tile.caption, INK);
      content.push(html`${imageOf(tile.picture, x, y, factor)}${distance}${lines}`);
    }
    y += high + (1 + Math.max(...below.map((lines) => lines.length))) * LINE + GAP;
  }
  return pictureSvg(name, GAP + most * (wide + GAP), y + GAP, html`${content}`);
}

/** A text in lines that are no wider than a tile. */
function broken(text: string, width: number): string[] {
  const letters = [...text];
  const most = Math.max(1, Math.floor(width / LETTER));
  return Array.from({ length: Math.ceil(letters.length / most) }, (_, k) =>
    letters.slice(k * most, (k + 1) * most).join(""),
  );
}

function pictureOf({ domain }: EmbedDomain, row: number): Rgb {
  const [channels, height, width] = domain.info.shape;
  const data = tidy(() => domain.images([row]).data() as Uint8Array | Float32Array);
  return displayRgb({ data, shape: [1, channels, height, width] }, 0, shownAs(domain.info));
}
