/** A comparison's files: table.md, table.csv, differences.csv, metrics.json, report.html and its figures. */

import { join } from "node:path";
import {
  differencesOf,
  type Line,
  linesOf,
  type Measured,
  measured,
  type RowDifference,
} from "../../evaluate/comparison/entries.ts";
import type { Comparison } from "../../evaluate/comparison/gathering.ts";
import { judgeValidators } from "../../evaluate/comparison/validators.ts";
import { inFileName } from "../../foundation/file-name.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { comparisonFigure } from "../../pictures/dot-plot.ts";
import { standaloneSvg } from "../../pictures/standalone-svg.ts";
import { markdownTable, type Table, textTable } from "../../pictures/table.ts";
import type { Provenance } from "../../torch/provenance.ts";
import { BASE_ROW } from "../../train/comparing/spec.ts";
import { readRunConfig } from "../../train/run.ts";
import { type ReportContent, writeReport } from "../report.ts";
import {
  deeplenseTable,
  differencesCsv,
  differenceTable,
  entriesCsv,
  failedTable,
  lineTable,
  validatorTable,
} from "./statistics-tables.ts";

interface Section {
  title: string;
  table: Table;
  note?: string;
}

const NOTES = [
  "TPR_0 and TPR_10: recall before the first and before the tenth false positive. ± is the deviation over seeds.",
  "Intervals are 95 %. For a single run: DeLong's. Over seeds: the scatter of the seeds, and the noise of the test images, " +
    "which all seeds share and more seeds don't lower (Obuchowski & Rockette 1995, with Hillis's degrees of freedom).",
  "Gains are paired: the same seed and the same test images. * marks gains that differ from zero at 5 % after Holm's " +
    "correction for all gains of chosen epochs.",
  "chosen: the epoch that a validator chose without target labels. oracle: the epoch that the test's own labels would " +
    "choose; no survey has these.",
  "Seconds are for a run's own epochs, with other runs beside it; the run that it starts from is not included.",
];

const DEEPLENSE_NOTE =
  "GSoC 2022, ML4Sci DeepLense: other data (HSC, 94 test lenses), epochs chosen on the test's labels, test negatives used in " +
  "training. For orientation, not for a comparison to the digit.";

/** Writes all files. @returns the tables as text for the terminal */
export function writeComparison(done: Comparison, provenance: Provenance): string {
  const { spec, positives, positiveClass, seal, failed } = done;
  const { out } = spec;
  const entries = done.entries.map((entry) => measured(entry, positives, positiveClass));
  const lines = linesOf(entries, positives, BASE_ROW);
  const differences = differencesOf(entries, positives);
  const sections = sectionsOf(done, lines, differences);
  const lost = failed.map(({ run: { encoder, row, method, seed }, reason }) => ({
    ...{ encoder, row, method, seed, reason },
  }));
  if (lost.length > 0) sections.push({ title: "Runs that failed", table: failedTable(lost) });
  writeFileWhole(join(out, "table.md"), markdown(done, sections));
  writeFileWhole(join(out, "table.csv"), entriesCsv(entries, lost));
  writeFileWhole(join(out, "differences.csv"), differencesCsv(differences));
  writeFileWhole(
    join(out, "metrics.json"),
    `${JSON.stringify(metricsFile(done, entries, lines, differences, lost), null, 2)}\n`,
  );
  writeReport(join(out, "report.html"), report(done, lines, sections, provenance));
  const texts = sections.map(({ title, table }) => `${title}\n\n${textTable(table)}\n`);
  return [...texts, ...sealText(seal), ...done.notes].join("\n");
}

/** Encoders, and ensembles over several, in the order of the lines. */
const encodersOf = (lines: readonly Line[]): string[] => [...new Set(lines.map(({ encoder }) => encoder))];

function sectionsOf(
  done: Comparison,
  lines: readonly Line[],
  differences: readonly RowDifference[],
): Section[] {
  const { judged, spec } = done;
  const tables = encodersOf(lines).map((encoder) => ({ title: encoder, table: lineTable(lines, encoder) }));
  const pairs = Object.keys(spec.encoders)
    .map((encoder) => ({ encoder, table: differenceTable(differences, encoder) }))
    .filter(({ table }) => table.rows.length > 2)
    .map(({ encoder, table }) => ({
      title: `Any two methods with ${encoder}: difference of AUROC`,
      table,
      note: "* differs from zero at 5 % after Holm's correction for all pairs; intervals are in differences.csv.",
    }));
  const overall = judgeValidators(judged.together);
  const validators =
    overall.length === 0
      ? []
      : [
          {
            title: "Validators, against the known truth",
            table: validatorTable(overall, judgeValidators(judged.apart)),
            note: "Over all checkpoints of an encoder and seed; mean and deviation over encoders and seeds.",
          },
        ];
  const seed = {
    title: "The table of the project that inspired this one (AUROC)",
    table: deeplenseTable(),
    note: DEEPLENSE_NOTE,
  };
  return [...tables, ...pairs, ...validators, seed];
}

const sealText = ({ opening, openedBefore }: Comparison["seal"]): string[] => [
  `The split ${opening.split} was opened on ${opening.time}; it had been opened ${openedBefore} time${openedBefore === 1 ? "" : "s"} before.`,
];

const titleOf = ({ spec, test }: Comparison): string => `Comparison: ${spec.test.name}, ${test.dataset}`;

function markdown(done: Comparison, sections: readonly Section[]): string {
  const parts = sections.map(({ title, table, note }) =>
    [`## ${title}`, markdownTable(table), ...(note === undefined ? [] : [note])].join("\n\n"),
  );
  const notes = [...NOTES, ...done.notes, ...sealText(done.seal)].map((note) => `- ${note}`).join("\n");
  return `# ${titleOf(done)}\n\n${parts.join("\n\n")}\n\n## Notes\n\n${notes}\n`;
}

function metricsFile(
  { seal, spec, judged }: Comparison,
  entries: readonly Measured[],
  lines: readonly Line[],
  differences: readonly RowDifference[],
  failed: readonly object[],
) {
  const { opening, openedBefore } = seal;
  return {
    version: 1,
    seal: { split: opening.split, time: opening.time, command: opening.command, openedBefore },
    results: entries.map(({ scores: _, components: __, metrics, ...entry }) => ({
      ...entry,
      test: spec.test.name,
      checkpoint: entry.kind,
      // `method` is the finder's name, as in every metrics.json.
      ...{ algorithm: entry.method, method: nameOf(entry) },
      metrics,
    })),
    // JSON has no infinity: null degrees of freedom mean the normal distribution.
    lines,
    differences,
    validators: {
      together: judgeValidators(judged.together),
      withinRuns: judgeValidators(judged.apart),
    },
    failed,
  };
}

const nameOf = ({ encoder, row, seed }: Pick<Measured, "encoder" | "row" | "seed">): string =>
  `${encoder}, ${row}${seed === null ? "" : `, seed ${seed}`}`;

function report(
  done: Comparison,
  lines: readonly Line[],
  sections: readonly Section[],
  provenance: Provenance,
): ReportContent {
  const { spec, seal, test } = done;
  const figures = Object.entries(spec.encoders)
    .filter(([row]) => lines.some(({ encoder }) => encoder === row))
    .map(([row, own]) => {
      const name = typeof own?.encoder === "string" ? own.encoder : row;
      const svg = comparisonFigure(lines, { row, name }, BASE_ROW);
      writeFileWhole(join(spec.out, "figures", `${inFileName(row)}.svg`), standaloneSvg(svg));
      return {
        title: row,
        svg,
        caption:
          "Dots: chosen epochs (mean over seeds) and ensembles, with 95 % intervals. Strokes: last epochs. Diamonds: the " +
          "oracle's epochs. Hollow circles: the DeepLense project's numbers, on other data. Dashed: source-only.",
      };
    });
  return {
    title: titleOf(done),
    question: provenance.command,
    data: dataOf(done),
    split: {
      text: spec.oracle
        ? `Tested on the split ${spec.test.split}, whose labels were read after each epoch for the oracle's rows; epochs of the other rows were chosen without them.`
        : `Tested on the split ${spec.test.split}; epochs were chosen without target labels.`,
      seal: { split: test.split, time: seal.opening.time, openedBefore: seal.openedBefore },
    },
    tables: sections,
    figures,
    commands: [`arclet compare ${spec.out}/comparison.yaml`, provenance.command],
    versions: { arclet: provenance.arclet, libtorch: provenance.torch, node: provenance.node },
    notes: [...NOTES, ...done.notes],
  };
}

function dataOf({ spec, entries, test }: Comparison): ReportContent["data"] {
  const first = entries.find(({ seed, method }) => seed !== null && method !== "target-only");
  const config = first === undefined ? null : readRunConfig(join(spec.out, first.members[0]!));
  const trained = (["source", "target"] as const).flatMap((role) => {
    const input = config?.inputs[role];
    if (input == null) return [];
    const images = config!.resolved.rows[role === "source" ? "source train" : "target"] ?? 0;
    return [{ role, name: input.name, images, hash: input.contentHash, origin: input.path }];
  });
  const classes = Object.fromEntries(
    test.classes.map((name, k) => [name, test.labels.filter((label) => label === k).length]),
  );
  return [
    ...trained,
    { role: "test", name: test.dataset, images: test.ids.length, classes, hash: test.contentHash },
  ];
}
