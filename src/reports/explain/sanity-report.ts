/** The files of `arclet explain --sanity`: sanity.json, a figure, panels, a mosaic, a report. */
import { join } from "node:path";
import type { Dataset } from "../../dataset/dataset.ts";
import { continueFolder, holdsFiles, type Identity } from "../../dataset/unfinished.ts";
import type { Explanation } from "../../evaluate/explanation/heat.ts";
import type { SanityOfMethod } from "../../evaluate/explanation/sanity.ts";
import type { MeanInterval } from "../../evaluate/mean-interval.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import type { Panel } from "../../pictures/explanation-panel.ts";
import { scoreHistogram } from "../../pictures/figures.ts";
import { mosaicPng } from "../../pictures/mosaic.ts";
import { standaloneSvg } from "../../pictures/standalone-svg.ts";
import type { Table } from "../../pictures/table.ts";
import { provenance } from "../../torch/provenance.ts";
import { type ReportContent, writeReport } from "../report.ts";
import type { ExplainValues } from "./config.ts";
import { panelName } from "./maps.ts";

/** A pixel is on the arc if its lensed light is at least this many sky sigmas, over all bands. */
export const VISIBLE = 1;

export interface JudgedLenses {
  rows: readonly number[];
  arcs: readonly Uint8Array[];
  /** Lenses without a pixel above the sky. */
  unseen: number;
  panels: readonly { id: string; drawn: Panel }[];
  /** Notes on the methods. */
  about: readonly string[];
}

/** @param identity what the numbers depend on: with the same, a folder that an error left unfinished is filled again */
export async function writeSanity(
  identity: Identity,
  values: ExplainValues,
  dataset: Dataset,
  results: readonly SanityOfMethod[],
  judged: JudgedLenses,
): Promise<void> {
  const { panels } = judged;
  const area = arcArea(judged.arcs);
  const svg = onArcFigure(results);
  const numbers = sanityNumbers(dataset, results, judged, area);
  const fill = async (partial: string) => {
    writeFileWhole(join(partial, "sanity.json"), `${JSON.stringify(numbers, null, 2)}\n`);
    writeFileWhole(join(partial, "figures", "on-arc.svg"), standaloneSvg(svg));
    for (const [k, { id, drawn }] of panels.entries())
      writeFileWhole(join(partial, "panels", panelName(k, id)), drawn.svg);
    writeFileWhole(
      join(partial, "mosaic.png"),
      mosaicPng(
        panels.flatMap(({ drawn }) => drawn.tiles),
        { columns: 3 },
      ),
    );
    writeReport(join(partial, "report.html"), sanityReport(values, dataset, results, judged, { area, svg }));
  };
  await continueFolder(values.out, identity, null, fill, holdsFiles);
}

/** Mean share of the image that an arc covers. */
const arcArea = (arcs: readonly Uint8Array[]): number =>
  arcs.reduce((sum, arc) => sum + arc.reduce((n, is) => n + is, 0) / arc.length, 0) / arcs.length;

const onArcFigure = (results: readonly SanityOfMethod[]): string =>
  scoreHistogram(
    results.map(({ method, ofLenses }) => ({
      name: method,
      scores: Float64Array.from(ofLenses.filter((value) => value !== null)),
    })),
    { label: "share of heat on the arc / share of area", bins: 30 },
  );

function sanityNumbers(
  dataset: Dataset,
  results: readonly SanityOfMethod[],
  { rows, unseen }: JudgedLenses,
  area: number,
) {
  const lenses = rows.map((row, i) => ({
    id: dataset.ids[row]!,
    ...Object.fromEntries(results.map(({ method, ofLenses }) => [method, ofLenses[i]!])),
  }));
  return {
    version: 1,
    methods: results.map(({ ofLenses: _, ...result }) => result),
    lenses,
    unseen,
    arcArea: area,
  };
}

function sanityReport(
  values: ExplainValues,
  { info }: Dataset,
  results: readonly SanityOfMethod[],
  judged: JudgedLenses,
  { area, svg }: { area: number; svg: string },
): ReportContent {
  const { rows, panels } = judged;
  const origin = provenance("explain");
  return {
    title: "Whether the heat maps can be trusted",
    question: origin.command,
    headlines: results.map(({ method, onArc }) => ({
      label: `${method}: heat on the arc over chance`,
      value: onArc === null ? "–" : onArc.value.toFixed(2),
      ...(onArc === null
        ? {}
        : { detail: `95 % interval ${onArc.low.toFixed(2)} to ${onArc.high.toFixed(2)}` }),
    })),
    data: [
      {
        role: "judged on",
        name: info.name,
        images: rows.length,
        hash: info.contentHash,
        origin: values.data,
      },
    ],
    split: { text: `Simulated lenses of the splits ${values.splits.join(", ")}.`, seal: null },
    tables: [
      {
        title: "Methods",
        table: sanityTable(results),
        note: "Means over lenses with 95 % intervals by resampling lenses.",
      },
    ],
    figures: [
      {
        title: "Heat on the arcs",
        svg,
        caption: "One value for each lens: 1 is heat spread over the image regardless of the arc.",
      },
    ],
    panels: [
      {
        title: "Lenses, the true arc outlined",
        caption: `Drawn at random. The outline holds the pixels whose lensed light alone is at least ${VISIBLE} sky sigma.`,
        svgs: panels.map(({ drawn }) => drawn.svg),
      },
    ],
    commands: [origin.command],
    versions: { arclet: origin.arclet, libtorch: origin.torch, node: origin.node },
    notes: sanityNotes(values, judged, area),
  };
}

const sanityNotes = (
  { networks }: ExplainValues,
  { unseen, about }: JudgedLenses,
  area: number,
): string[] => [
  `Arcs are drawn again from the stored scenes, without noise; they cover ${(100 * area).toFixed(1)} % of the image. ${unseen} lenses without a pixel above the sky were left out.`,
  "On the arc / area: the share of heat on the arc over the arc's share of the area; 1 is chance. Other lenses' arcs: the same maps on the arcs of other lenses, which shows what heat near the middle gains by itself. Beyond: the difference, lens by lens.",
  `Rank correlation (Spearman) with the maps of ${networks} networks whose layers after the encoder, or all layers, have fresh weights (Adebayo et al. 2018): near 1 the map shows the image, not what was learned.`,
  ...about,
];

export function sanityTable(results: readonly SanityOfMethod[]): Table {
  const cell = (mean: MeanInterval | null) => mean && { value: mean.value, low: mean.low, high: mean.high };
  return {
    columns: [
      "method",
      "on the arc / area",
      "other lenses' arcs",
      "beyond",
      "fresh weights on the arc",
      "rank corr., fresh classifier",
      "rank corr., all fresh",
      "no heat",
    ],
    rows: results.map((result) => [
      result.method as Explanation,
      cell(result.onArc),
      cell(result.onOtherArcs),
      cell(result.beyondChance),
      cell(result.randomOnArc),
      cell(result.correlation.classifier),
      cell(result.correlation.all),
      result.flat,
    ]),
  };
}
