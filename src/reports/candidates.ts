/** A page of the highest scores: pictures, ids, positions, and where to look at them in other surveys. */
import { join } from "node:path";
import type { ImageDomain } from "../dataset/dataset.ts";
import { topTiles } from "../pictures/mosaic.ts";
import type { Provenance } from "../torch/provenance.ts";
import { shownAs } from "./evaluation/report.ts";
import { writeReport } from "./report.ts";

export interface Candidates {
  domain: ImageDomain;
  /** As the user named the dataset. */
  folder: string;
  /** Rows of the dataset, best first. */
  rows: readonly number[];
  /** Of these rows. */
  scores: readonly number[];
  /** Of these rows, null where unknown; absent where none is known. */
  calibrated?: readonly number[] | undefined;
  /** Of these rows, ICRS degrees. */
  positions?: { ra: readonly (number | null)[]; dec: readonly (number | null)[] } | undefined;
  /** Images that were scored. */
  scored: number;
  /** The positive class. */
  positiveClass: string;
  models: readonly string[];
  notes: readonly string[];
}

/** Where the page is written: the path itself if it is an HTML file, else `report.html` in the folder of that name. */
const pageOf = (path: string): string => (/\.html?$/i.test(path) ? path : join(path, "report.html"));

/** Writes the page. @returns the file @throws ArcletError naming the file when it can't be written */
export function writeCandidates(path: string, candidates: Candidates, provenance: Provenance): string {
  const { domain, folder, rows, scores, positions, scored, positiveClass, models } = candidates;
  const images = domain.images(rows);
  const data = images.data() as Uint8Array | Float32Array;
  images.dispose();
  const [channels, height, width] = domain.info.shape;
  const tiles = topTiles(
    {
      images: { data, shape: [rows.length, channels, height, width] },
      ids: rows.map((row) => domain.ids[row]!),
      scores,
      labels: rows.map((_, k) => calibratedText(candidates.calibrated?.[k])),
      positions: rows.map((_, k) => positionOf(positions, k)),
    },
    rows.length,
    shownAs(domain.info),
  );
  const seen = tiles.some(({ position }) => position !== undefined)
    ? "Links open the place in sky viewers on the web."
    : `${folder} has no positions (columns ra and dec), so there are no links to sky viewers.`;
  const file = pageOf(path);
  writeReport(file, {
    title: `Candidates: ${positiveClass} in ${domain.info.name}`,
    question: provenance.command,
    headlines: [
      { label: "images scored", value: String(scored) },
      { label: "shown here", value: String(tiles.length), detail: "the highest scores" },
      { label: "models", value: String(models.length), detail: models.join(", ") },
    ],
    mosaics: [
      {
        title: "Top candidates",
        caption: `Rank, score of ${positiveClass}${candidates.calibrated ? ", calibrated probability" : ""}, id, position (ICRS, degrees). ${seen}`,
        tiles,
      },
    ],
    tables: [],
    figures: [],
    data: [
      {
        role: "scored",
        name: domain.info.name,
        images: scored,
        hash: domain.info.contentHash,
        origin: folder,
      },
    ],
    split: null,
    commands: [provenance.command],
    versions: { arclet: provenance.arclet, libtorch: provenance.torch, node: provenance.node },
    notes: [
      "A score ranks images; it is no probability that an object is a lens. Look before you believe.",
      ...candidates.notes,
    ],
  });
  return file;
}

const calibratedText = (probability: number | undefined): string | undefined =>
  probability === undefined || !Number.isFinite(probability)
    ? undefined
    : `calibrated ${probability.toPrecision(2)}`;

function positionOf(positions: Candidates["positions"], k: number): { ra: number; dec: number } | undefined {
  const ra = positions?.ra[k] ?? null;
  const dec = positions?.dec[k] ?? null;
  return ra === null || dec === null ? undefined : { ra, dec };
}
