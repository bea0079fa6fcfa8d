/** The report on the heat of chosen images. */

import type { Provenance } from "../../torch/provenance.ts";
import type { ModelInfo } from "../../train/model.ts";
import type { ReportContent } from "../report.ts";
import type { ExplainValues } from "./config.ts";
import type { ChosenImages, MapsFolder } from "./maps-folder.ts";
import { notesOf } from "./words.ts";

/** Panels in the report. */
const REPORTED = 24;

/** @param classIndex of the explained class, among the model's classes */
export function imagesReport(
  { domain, name, rows }: ChosenImages,
  { panels, flat }: Pick<MapsFolder, "panels" | "flat">,
  values: ExplainValues,
  model: ModelInfo,
  classIndex: number,
  provenance: Provenance,
): ReportContent {
  const { data, method: methods } = values;
  const { info } = domain;
  return {
    title: `What the score of ${name} depends on`,
    question: provenance.command,
    headlines: [
      { label: "images explained", value: String(rows.length) },
      ...methods.map((method, m) => ({
        label: `${method}: maps without any heat`,
        value: String(flat[m]),
        detail: `of ${rows.length}`,
      })),
    ],
    data: [{ role: "explained", name: info.name, images: rows.length, hash: info.contentHash, origin: data }],
    split: { text: `Images of the splits ${values.splits.join(", ")}; no label was read.`, seal: null },
    tables: [],
    figures: [],
    panels: [
      {
        title: "Image, heat, and the line of half the largest heat",
        caption: `Best scores first; ${Math.min(REPORTED, panels.length)} of ${rows.length}. Every heat map has its own scale, from 0 to the number below it.`,
        svgs: panels.slice(0, REPORTED).map(({ svg }) => svg),
      },
    ],
    commands: [provenance.command],
    versions: { arclet: provenance.arclet, libtorch: provenance.torch, node: provenance.node },
    notes: notesOf(methods, values, model, classIndex),
  };
}
