/** The files of `realism`: realism.json, report.html, histograms of what differs most, both kinds side by side. */
import { join } from "node:path";
import type { Difference } from "../evaluate/realism/difference.ts";
import type { ProbeResult, Realism } from "../evaluate/realism/realism.ts";
import type { Side } from "../evaluate/realism/samples.ts";
import { inFileName } from "../foundation/file-name.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { displayRgb, type Rgb } from "../pictures/display.ts";
import { scoreHistogram } from "../pictures/figures.ts";
import { mosaicPng } from "../pictures/mosaic.ts";
import { standaloneSvg } from "../pictures/standalone-svg.ts";
import { type Table, textTable } from "../pictures/table.ts";
import type { Provenance } from "../torch/provenance.ts";
import { tidy } from "../torch/scope.ts";
import { type ReportFigure, writeReport } from "./report.ts";

const WORST = 6;
/** Rows and columns of pictures of each kind. */
const [DOWN, ACROSS] = [8, 6];

const PROBES: Record<ProbeResult["probe"], string> = {
  network: "a small network on the pixels",
  features: "a linear probe on the model's features",
  statistics: "a linear probe on the statistics",
};

export function writeRealism(
  out: string,
  result: Realism,
  sides: [Side, Side],
  provenance: Provenance,
): void {
  const { probes, differences, statistics } = result;
  const numbers = { version: 1, told: probes, differences, images: sides.map(({ rows }) => rows.length) };
  writeFileWhole(join(out, "realism.json"), `${JSON.stringify(numbers, null, 2)}\n`);
  const figures = differences.slice(0, WORST).map(({ name, auroc, realLarger }): ReportFigure => {
    const svg = scoreHistogram(
      [
        { name: "simulated", scores: statistics.simulated.get(name)! },
        { name: "real", scores: statistics.real.get(name)! },
      ],
      { label: name },
    );
    writeFileWhole(join(out, "figures", `${inFileName(name)}.svg`), standaloneSvg(svg));
    const caption = `Alone it tells the two apart at AUROC ${auroc.auroc.toFixed(3)}; larger in ${realLarger ? "real" : "simulated"} images.`;
    return { title: name, svg, caption };
  });
  const [simulated, real] = sides.map(pictures) as [Rgb[], Rgb[]];
  const mixed = Array.from({ length: DOWN }, (_, row) =>
    [simulated, real].flatMap((side) => side.slice(row * ACROSS, (row + 1) * ACROSS)),
  ).flat();
  writeFileWhole(join(out, "figures", "side-by-side.png"), mosaicPng(mixed, { columns: 2 * ACROSS }));
  const tiles = (side: Rgb[], kind: string) =>
    side.slice(0, 24).map((picture, k) => ({ picture, caption: String(k + 1), id: kind }));
  writeReport(join(out, "report.html"), {
    title: "Simulated against real",
    question: provenance.command,
    headlines: probes.map(({ probe, auroc, low, high }) => ({
      label: `AUROC, ${PROBES[probe]}`,
      value: auroc.toFixed(3),
      detail: `95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`,
    })),
    data: sides.map(({ domain, folder, rows, condition }, k) => ({
      role: k === 0 ? "simulated" : "real",
      name: `${domain.info.name}${condition === null ? "" : `, ${condition}`}`,
      images: rows.length,
      hash: domain.info.contentHash,
      origin: folder,
    })),
    split: {
      text: "Cross-validated: every image was judged by a network or probe trained on other groups.",
      seal: null,
    },
    tables: [{ title: "Statistics, those that differ most first", table: table(differences) }],
    figures,
    mosaics: [
      { title: "Simulated", caption: "Drawn at random.", tiles: tiles(simulated, "simulated") },
      { title: "Real", caption: "Drawn at random.", tiles: tiles(real, "real") },
    ],
    commands: [provenance.command],
    versions: { arclet: provenance.arclet, libtorch: provenance.torch, node: provenance.node },
    notes: [
      "AUROC 0.5: the simulation can't be told from the sky. Intervals are 95 %, by resampling groups (probes) or DeLong's (statistics).",
      "KS: the largest distance between the two cumulative distributions. Spans are the 16th, 50th and 84th percentiles.",
    ],
  });
}

/** The probes and the statistics that differ most, for the terminal. */
export function realismTable({ probes, differences }: Realism): string {
  const probeTable = {
    columns: ["told apart by", "AUROC"],
    rows: probes.map(({ probe, auroc, low, high }) => [PROBES[probe], { value: auroc, low, high }]),
  };
  return `${textTable(probeTable)}\n\n${textTable(table(differences.slice(0, WORST)))}`;
}

function table(differences: readonly Difference[]): Table {
  const span = ([low, median, high]: Difference["real"]) =>
    `${median.toPrecision(3)} (${low.toPrecision(3)} to ${high.toPrecision(3)})`;
  return {
    columns: ["statistic", "AUROC", "KS", "larger", "simulated", "real"],
    rows: differences.map(({ name, auroc, ks, realLarger, simulated, real }) => [
      name,
      { value: auroc.auroc, low: auroc.low, high: auroc.high },
      ks.toFixed(3),
      realLarger ? "real" : "simulated",
      span(simulated),
      span(real),
    ]),
  };
}

function pictures({ domain, rows }: Side): Rgb[] {
  const shown = rows.slice(0, DOWN * ACROSS);
  const [channels, height, width] = domain.info.shape;
  const data = tidy(() => domain.images(shown).data() as Uint8Array | Float32Array);
  const images = { data, shape: [shown.length, channels, height, width] as const };
  return Array.from(shown, (_, k) => displayRgb(images, k));
}
