/** The files of `embed`: embedding.csv, probes.json, figures, neighbours as pictures and a table, report.html. */

import { join } from "node:path";
import { methods } from "../../adapt/registry.ts";
import { fileHash } from "../../dataset/hash.ts";
import { continueFolder, holdsFiles, type Identity } from "../../dataset/unfinished.ts";
import type { FeatureTable } from "../../evaluate/features/feature-table.ts";
import { inFileName } from "../../foundation/file-name.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { standaloneSvg } from "../../pictures/standalone-svg.ts";
import { textTable } from "../../pictures/table.ts";
import type { Provenance } from "../../torch/provenance.ts";
import { readModelInfo } from "../../train/model.ts";
import { type Headline, type ReportData, writeReport } from "../report.ts";
import type { EmbedValues } from "./config.ts";
import type { EmbedDomain } from "./domains.ts";
import { figuresOf } from "./figures.ts";
import { neighbourPictures } from "./neighbours.ts";
import type { EmbeddedRun } from "./runs.ts";
import { embeddingCsv, neighbourCsv, probesOf, probeTable } from "./tables.ts";

export async function writeEmbedding(
  out: string,
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
  values: EmbedValues,
  provenance: Provenance,
  tables: readonly FeatureTable[] = [],
): Promise<void> {
  const ids = values.neighbours ?? [];
  const probes = probeTable(domains, runs);
  const fill = async (partial: string) => {
    writeFileWhole(join(partial, "embedding.csv"), embeddingCsv(domains, runs));
    writeFileWhole(join(partial, "probes.json"), `${JSON.stringify(probesOf(domains, runs), null, 2)}\n`);
    const figures = figuresOf(domains, runs);
    for (const { file, svg } of figures)
      writeFileWhole(join(partial, "figures", `${file}.svg`), standaloneSvg(svg));
    const pictures = ids.map((id, k) => neighbourPictures(domains, runs, id, k));
    if (ids.length > 0) writeFileWhole(join(partial, "neighbours.csv"), neighbourCsv(domains, runs, ids));
    for (const [k, { svg }] of pictures.entries())
      writeFileWhole(join(partial, `neighbours-${inFileName(ids[k]!)}.svg`), svg);
    writeReport(join(partial, "report.html"), {
      title: "Feature space",
      question: provenance.command,
      headlines: headlinesOf(domains, runs),
      data: dataOf(domains),
      split: {
        text: `Images of the splits ${values.splits.join(", ")}; labels at most of train and val.`,
        seal: null,
      },
      tables: [{ title: "Probes", table: probes }],
      figures,
      mosaics: pictures.flatMap(({ mosaics }) => mosaics),
      commands: [provenance.command],
      versions: { arclet: provenance.arclet, libtorch: provenance.torch, node: provenance.node },
      notes: notesOf(domains, runs, values),
    });
  };
  await continueFolder(out, identityOf(domains, values, tables), null, fill, holdsFiles);
  console.log(textTable(probes));
  console.log(
    `${out}: ${runs.length} runs, ${domains.map(({ name, sample }) => `${name} ${sample.length}`).join(", ")} images`,
  );
}

/** What the files depend on: with the same, a folder that an error left unfinished is filled again. */
function identityOf(
  domains: readonly EmbedDomain[],
  values: EmbedValues,
  tables: readonly FeatureTable[],
): Identity {
  const { out: _, data: __, runs, features: ___, sourceRun, ...settings } = values;
  const hashOf = (path: string) => fileHash(readModelInfo(path).file);
  return {
    command: "embed",
    data: domains.map(({ domain }) => domain.info.contentHash),
    runs: runs.map(hashOf),
    ...(tables.length === 0 ? {} : { features: tables.map(({ name, sha256 }) => `${name} ${sha256}`) }),
    sourceRun: sourceRun === null ? null : hashOf(sourceRun),
    ...settings,
  };
}

const headlinesOf = (domains: readonly EmbedDomain[], runs: readonly EmbeddedRun[]): Headline[] =>
  runs.flatMap(({ name, domainProbes }) =>
    domainProbes.map(({ domain, probe }) => ({
      label: `${domains[0]!.name} against ${domains[domain]!.name}, ${name}: AUROC`,
      value: probe.auroc.toFixed(3),
      detail: `95 % interval ${probe.low.toFixed(3)} to ${probe.high.toFixed(3)}`,
    })),
  );

const dataOf = (domains: readonly EmbedDomain[]): ReportData[] =>
  domains.map(({ name, folder, domain, sample, classes, classOf }, d) => ({
    role: d === 0 ? "first" : "other",
    name,
    images: sample.length,
    ...(classes.length === 0 ? {} : { classes: classCounts(sample, classOf, classes) }),
    hash: domain.info.contentHash,
    origin: folder,
  }));

function classCounts(sample: Int32Array, classOf: EmbedDomain["classOf"], classes: readonly string[]) {
  const counts = Object.fromEntries(classes.map((name) => [name, 0]));
  for (const row of sample) {
    const name = classOf(row);
    if (name !== null) counts[name]!++;
  }
  return counts;
}

function notesOf(
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
  { sourceRun, folds, runs: networks, features }: EmbedValues,
): string[] {
  const separate = runs.flatMap(({ info }) =>
    sourceRun === null && info !== null && sourceIsSeparate(info.method) ? [info.method] : [],
  );
  const apartNames = [...new Set(separate)];
  const left = domains.filter((domain) => domain.left > 0);
  return [
    ...(networks.length > 0 ? ["Features of a run are those between head and classifier."] : []),
    ...(features.length > 0
      ? [`Features of ${features.join(", ")} are as other programs made them, not scaled.`]
      : []),
    ...left.map((domain) => `${domain.left} rows of ${domain.name} are left out, since a table lacks them.`),
    ...(networks.length === 0
      ? []
      : [
          sourceRun === null
            ? "Each run's own network saw every dataset."
            : `The network of ${sourceRun} saw ${domains[0]!.name} in every column; each run's own network saw the others.`,
        ]),
    ...apartNames.map(
      (method) =>
        `${method} aligns its target network to features of the source's own network: --source-run shows that pair.`,
    ),
    `Probes: ridge logistic regression, cross-validated in ${folds} folds by group; intervals are 95 %, by resampling groups. 0.5 means that no plane separates the two, not that nothing does.`,
    "Two domains may differ in how common a class is: aligned features then still differ, and the domain probe sees it.",
    "Principal components: both axes in units of the features' spread, the same in every column. UMAP (umap-js, on at most the first 50 components) shows only which points are near each other; its axes have no unit, and columns can't be compared.",
  ];
}

/** Whether a method has separate networks for source and target; false for an unknown method. */
const sourceIsSeparate = (method: string): boolean =>
  methods.list.some(({ name, separateSource }) => name === method && separateSource);
