/** A search in tables, for its page and the terminal. */
import type { Table } from "../../pictures/table.ts";
import type { SearchFinder } from "./finders.ts";
import type { Candidate, Listing } from "./listing.ts";
import type { MadeBy } from "./made-by.ts";
import type { Missing } from "./missing.ts";
import type { SearchParts } from "./search.ts";
import type { Selection } from "./selection.ts";

export const missingTable = (missing: readonly Missing[]): Table => ({
  columns: ["missing", "so"],
  rows: missing.map(({ part, without }) => [part, without]),
});

export const findersTable = (finders: readonly SearchFinder[]): Table => ({
  columns: ["finder", "encoder", "method", "epoch", "trained on", "adapted to", "grades learned"],
  rows: finders.map(({ name, encoder, method, epoch, chosenBy, sources, target, graded }) => [
    name,
    encoder,
    method,
    `${epoch}, ${chosenBy === null ? "the last" : `by ${chosenBy}`}`,
    sources === null ? null : sources.map((one) => one.name).join(", "),
    target?.name ?? "nothing",
    graded,
  ]),
});

export const combinationTable = ({ combination }: SearchParts): Table => ({
  columns: ["combined", "rule", "graded rows", "AUROC, held out", "log-loss, held out", "prevalence"],
  rows:
    combination === null
      ? []
      : [combination.combination].map(({ inputs, rule, graded, heldOut, prevalence }) => [
          inputs.map(({ name }) => name).join(", "),
          rule.rule,
          graded.ids.length,
          heldOut.auroc,
          heldOut.logLoss,
          prevalence,
        ]),
});

/** Grades by their rule: of the survey's rows, and of decoys. */
export function gradesTable({ search, listing, survey }: SearchParts): Table {
  const { graded } = listing;
  const decoys = survey.estimated?.decoys;
  const right = (rate: { right: number; of: number | null } | null | undefined) =>
    rate ? `${rate.right} of ${rate.of}` : null;
  return {
    columns: [
      "grades",
      "lens if",
      "lenses",
      "others",
      "sample",
      "decoys right: lenses",
      "decoys right: others",
    ],
    rows:
      search.grades === null || graded === null
        ? []
        : [
            [
              search.grades.path,
              search.grades.positives,
              graded.lenses,
              graded.others,
              search.sample ?? "none",
              right(decoys?.sensitivity),
              right(decoys?.specificity),
            ],
          ],
  };
}

export const selectionTable = (selection: Selection | null): Table => ({
  columns: ["score from", "completeness of injected lenses"],
  rows: (selection?.thresholds ?? []).map(({ threshold, completeness }) => [
    shortText(threshold),
    completeness,
  ]),
});

export const partsTable = (parts: readonly MadeBy[]): Table => ({
  columns: ["part", "file", "SHA-256", "made by"],
  rows: parts.map(({ part, path, sha256, command }) => [part, path, sha256, command]),
});

/** Candidates with what is known of any of them. */
export function candidatesTable(candidates: readonly Candidate[], { by, positions, given }: Listing): Table {
  const degrees = (value: number | null) => (value === null ? null : value.toFixed(5));
  const probable = by !== "score";
  return {
    columns: [
      ...["rank", "id", ...(probable ? ["probability"] : []), "score"],
      ...[...(positions ? ["RA", "Dec"] : []), "graded", ...given],
    ],
    rows: candidates.map((one) => [
      ...[one.rank, one.id],
      ...(probable ? [one.probability === null ? null : shortText(one.probability)] : []),
      shortText(one.score),
      ...(positions ? [degrees(one.ra), degrees(one.dec)] : []),
      one.lens === null ? null : one.lens ? "lens" : "not lens",
      ...one.given,
    ]),
  };
}

/** Three digits of a probability or score; six where three would say that it is sure. */
export const shortText = (value: number): string =>
  String(Number(value.toPrecision(value > 0.99 && value < 1 ? 6 : 3)));
