/** The files of `report`: search.json, candidates.csv, report.html and the figures. */
import { join } from "node:path";
import { writeFileWhole } from "../../foundation/files.ts";
import { mosaicPng } from "../../pictures/mosaic.ts";
import { standaloneSvg } from "../../pictures/standalone-svg.ts";
import type { Provenance } from "../../torch/provenance.ts";
import { estimatesJson } from "../estimates.ts";
import { writeReport } from "../report.ts";
import { writeCandidatesTable } from "./candidates-file.ts";
import { madeBy } from "./made-by.ts";
import { type Missing, missingParts } from "./missing.ts";
import { searchPage } from "./page.ts";
import type { SearchParts } from "./search.ts";

/** Pictures of figures/top.png, six a row. */
const PICTURES = 36;

/** @param top pictures on the page @returns what is missing @throws ArcletError naming a file that can't be written */
export async function writeSearchReport(
  out: string,
  parts: SearchParts,
  top: number,
  provenance: Provenance,
): Promise<Missing[]> {
  const made = madeBy(parts);
  const missing = missingParts(parts);
  const page = searchPage({ parts, made, missing, top, out }, provenance);
  const { search, dataset, finders, combination, survey, selection, listing } = parts;
  const numbers = {
    version: 1,
    name: search.name,
    images: { scored: listing.rows, unscored: listing.unscored, dataset: dataset?.info.name ?? null },
    finders,
    combination:
      combination === null
        ? null
        : {
            rule: combination.combination.rule.rule,
            inputs: combination.combination.inputs.map(({ name, file, sha256 }) => ({ name, file, sha256 })),
            heldOut: combination.combination.heldOut,
            prevalence: combination.combination.prevalence,
          },
    grades: search.grades === null ? null : { ...search.grades, ...listing.graded },
    design: survey.design === null ? null : { seed: survey.design.seed, strata: survey.design.strata },
    estimates: survey.estimated === null ? null : estimatesJson(survey.estimated),
    selection: selection === null ? null : { file: selection.file, thresholds: selection.thresholds },
    list: { by: listing.by, rows: listing.candidates.length, file: "candidates.csv" },
    missing,
    parts: made,
    notes: page.notes,
    provenance,
  };
  await writeCandidatesTable(join(out, "candidates.csv"), listing);
  for (const { svg } of page.figures)
    writeFileWhole(join(out, "figures", "purity-completeness.svg"), standaloneSvg(svg));
  const pictures = (page.mosaics?.[0]?.tiles ?? []).slice(0, PICTURES).map(({ picture }) => picture);
  if (pictures.length > 0)
    writeFileWhole(join(out, "figures", "top.png"), mosaicPng(pictures, { columns: 6 }));
  writeFileWhole(join(out, "search.json"), `${JSON.stringify(numbers, null, 2)}\n`);
  writeReport(join(out, "report.html"), page);
  return missing;
}
