/** An object's neighbours in feature space as pictures. */
import { Canvas } from "../../pictures/canvas.ts";
import { displayRgb, type Rgb } from "../../pictures/display.ts";
import { LETTER } from "../../pictures/lettering.ts";
import { picturePng } from "../../pictures/mosaic.ts";
import { tidy } from "../../torch/scope.ts";
import { shownAs } from "../evaluation/report.ts";
import type { ReportMosaic } from "../report.ts";
import { type EmbedDomain, findId } from "./domains.ts";
import type { EmbeddedRun } from "./runs.ts";

const TILE = 120;
const GAP = 8;
const TEXT = LETTER.height;

/** The object and its neighbours: one picture with a row for each run, and tiles for the report. */
export function neighbourPictures(
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
  id: string,
  k: number,
): { png: Uint8Array; mosaics: ReportMosaic[] } {
  const object = findId(domains, id);
  const picture = pictureOf(domains[object.domain]!, object.row);
  const factor = Math.max(1, Math.floor(TILE / Math.max(picture.width, picture.height)));
  const [wide, high] = [factor * picture.width, factor * picture.height];
  const rowHeight = high + 3 * GAP + 2 * TEXT + 2 * TEXT;
  const head = GAP + 2 * TEXT + GAP;
  const most = Math.max(...runs.map(({ neighbours }) => neighbours[k]!.length));
  const canvas = new Canvas(GAP + (1 + most) * (wide + GAP), head + runs.length * (rowHeight + head));
  canvas.text(id, GAP, GAP, 2);
  const mosaics = runs.map(({ name, neighbours }, r): ReportMosaic => {
    const top = head + r * (rowHeight + head);
    canvas.text(name, GAP, top, 2, [150, 155, 165], canvas.width - 2 * GAP);
    const tiles = [
      { picture, caption: "the object", id, label: domains[object.domain]!.name },
      ...neighbours[k]!.map(({ domain, row, distance }) => ({
        picture: pictureOf(domains[domain]!, row),
        caption: distance.toPrecision(2),
        id: domains[domain]!.domain.ids[row]!,
        label: domains[domain]!.name,
      })),
    ];
    for (const [n, tile] of tiles.entries()) {
      const left = GAP + n * (wide + GAP);
      const below = top + head + high + 4;
      canvas.picture(tile.picture, left, top + head, factor);
      canvas.text(tile.caption, left, below, n === 0 ? 1 : 2, undefined, wide);
      canvas.text(tile.label, left, below + 2 * TEXT + 3, 1, [150, 155, 165], wide);
      canvas.text(ending(tile.id, wide), left, below + 3 * TEXT + 6, 1, [150, 155, 165]);
    }
    return {
      title: `Neighbours of ${id}, ${name}`,
      caption: "Cosine distance in feature space, the nearest first.",
      tiles,
    };
  });
  return { png: picturePng(canvas), mosaics };
}

/** An id's last letters, in which ids differ most. */
function ending(id: string, most: number): string {
  const letters = Math.floor(most / LETTER.advance);
  return id.length <= letters ? id : `..${id.slice(2 - letters)}`;
}

function pictureOf({ domain }: EmbedDomain, row: number): Rgb {
  const [channels, height, width] = domain.info.shape;
  const data = tidy(() => domain.images([row]).data() as Uint8Array | Float32Array);
  return displayRgb({ data, shape: [1, channels, height, width] }, 0, shownAs(domain.info));
}
