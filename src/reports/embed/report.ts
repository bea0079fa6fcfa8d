/** What `embed` leaves: embedding.csv, probes.json, figures, neighbours as pictures and a table, report.html. */

import { join } from "node:path";
import { csvText } from "../../foundation/csv.ts";
import { inFileName } from "../../foundation/file-name.ts";
import { writeFileWhole, writeFolderWhole } from "../../foundation/files.ts";
import { Canvas } from "../../pictures/canvas.ts";
import { displayRgb, type Rgb } from "../../pictures/display.ts";
import { embeddingFigure } from "../../pictures/embedding-figure.ts";
import { LETTER } from "../../pictures/lettering.ts";
import { picturePng } from "../../pictures/mosaic.ts";
import { standaloneSvg } from "../../pictures/plot.ts";
import { type Table, textTable } from "../../pictures/table.ts";
import { tidy } from "../../torch/scope.ts";
import { shownAs } from "../evaluation/report.ts";
import type { Provenance } from "../provenance.ts";
import { type ReportFigure, type ReportMosaic, writeReport } from "../report.ts";
import type { EmbedValues } from "./config.ts";
import { type EmbedDomain, findId } from "./domains.ts";
import type { EmbeddedRun } from "./runs.ts";

export async function writeEmbedding(
  out: string,
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
  values: EmbedValues,
  made: Provenance,
): Promise<void> {
  const ids = values.neighbours ?? [];
  const tables = [{ title: "Probes", table: probeTable(domains, runs) }];
  await writeFolderWhole(out, async (partial) => {
    writeFileWhole(join(partial, "embedding.csv"), embeddingCsv(domains, runs));
    writeFileWhole(join(partial, "probes.json"), `${JSON.stringify(probesOf(domains, runs), null, 2)}\n`);
    const figures = figuresOf(domains, runs);
    for (const { file, svg } of figures)
      writeFileWhole(join(partial, "figures", `${file}.svg`), standaloneSvg(svg));
    const found = ids.map((id, k) => neighbourPictures(domains, runs, id, k));
    if (ids.length > 0) writeFileWhole(join(partial, "neighbours.csv"), neighbourCsv(domains, runs, ids));
    for (const [k, { png }] of found.entries())
      writeFileWhole(join(partial, `neighbours-${inFileName(ids[k]!)}.png`), png);
    const adversarial = runs.some(({ info }) => info.method === "adda") && values.sourceRun === null;
    writeReport(join(partial, "report.html"), {
      title: "Feature space",
      asked: made.command,
      headlines: runs.flatMap(({ name, domainProbes }) =>
        domainProbes.map(({ domain, probe }) => ({
          label: `${domains[0]!.name} against ${domains[domain]!.name}, ${name}: AUROC`,
          value: probe.auroc.toFixed(3),
          detail: `95 % interval ${probe.low.toFixed(3)} to ${probe.high.toFixed(3)}`,
        })),
      ),
      data: domains.map(({ name, folder, domain, sample, classes, classOf }, d) => ({
        role: d === 0 ? "first" : "other",
        name,
        images: sample.length,
        ...(classes.length === 0 ? {} : { classes: classCounts(sample, classOf, classes) }),
        hash: domain.info.contentHash,
        origin: folder,
      })),
      split: {
        text: `Images of the splits ${values.splits.join(", ")}; labels of train and val only, where they were read at all.`,
        seal: null,
      },
      tables,
      figures,
      mosaics: found.flatMap(({ mosaics }) => mosaics),
      commands: [made.command],
      versions: { arclet: made.arclet, libtorch: made.torch, node: made.node },
      notes: [
        "Features are those between head and classifier.",
        values.sourceRun === null
          ? "Each run's own network saw every dataset."
          : `The network of ${values.sourceRun} saw ${domains[0]!.name} throughout; each run's own saw the others.`,
        ...(adversarial
          ? [
              "ADDA aligns its target network to features of the source's own network: --source-run shows that pair.",
            ]
          : []),
        `Probes: ridge logistic regression, cross-validated in ${values.folds} parts by group, tested on what it did not learn from; intervals are 95 %, by resampling groups. 0.5 means that no plane tells the two apart, not that nothing does.`,
        "Two domains may differ in how common a class is: aligned features then still differ, and the domain probe sees it.",
        "Principal components: both axes in units of the features' spread, the same in every column. UMAP (umap-js, on the first 50 components at most): only who is near whom can be read off it; its axes have no unit, and columns can't be compared.",
      ],
    });
  });
  console.log(textTable(tables[0]!.table));
  console.log(
    `${out}: ${runs.length} runs, ${domains.map(({ name, sample }) => `${name} ${sample.length}`).join(", ")} images`,
  );
}

function classCounts(sample: Int32Array, classOf: EmbedDomain["classOf"], classes: readonly string[]) {
  const counts = Object.fromEntries(classes.map((name) => [name, 0]));
  for (const row of sample) {
    const name = classOf(row);
    if (name !== null) counts[name]!++;
  }
  return counts;
}

function probeTable(domains: readonly EmbedDomain[], runs: readonly EmbeddedRun[]): Table {
  const rows = runs.flatMap(({ name, domainProbes, classProbes }) => [
    ...domainProbes.map(({ domain, probe }) => ({
      name,
      what: `${domains[domain]!.name} from ${domains[0]!.name}`,
      probe,
    })),
    ...classProbes.map(({ domain, positive, probe }) => ({
      name,
      what: `${positive} from the rest, within ${domains[domain]!.name}`,
      probe,
    })),
  ]);
  return {
    columns: ["run", "told apart", "AUROC", "rows"],
    rows: rows.map(({ name, what, probe }) => [
      name,
      what,
      { value: probe.auroc, low: probe.low, high: probe.high },
      probe.counts[0] + probe.counts[1],
    ]),
  };
}

const probesOf = (domains: readonly EmbedDomain[], runs: readonly EmbeddedRun[]) => ({
  version: 1,
  runs: runs.map(({ name, path, domainProbes, classProbes, pca }) => ({
    run: path,
    name,
    domain: domainProbes.map(({ domain, probe }) => ({
      source: domains[0]!.folder,
      against: domains[domain]!.folder,
      ...probe,
    })),
    class: classProbes.map(({ domain, positive, probe }) => ({
      within: domains[domain]!.folder,
      positive,
      ...probe,
    })),
    varianceShares: pca?.shares ?? null,
  })),
});

function embeddingCsv(domains: readonly EmbedDomain[], runs: readonly EmbeddedRun[]): string {
  const rows: unknown[][] = [["run", "dataset", "id", "class", "pca_1", "pca_2", "umap_1", "umap_2"]];
  for (const { name, pca, umap } of runs) {
    let i = 0;
    for (const { name: dataset, domain, sample, classOf } of domains)
      for (const row of sample) {
        const places = [pca?.coordinates, umap].flatMap((values) => [values?.[2 * i], values?.[2 * i + 1]]);
        rows.push([name, dataset, domain.ids[row], classOf(row), ...places]);
        i++;
      }
  }
  return csvText(rows);
}

function figuresOf(
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
): (ReportFigure & { file: string })[] {
  const classes = [...new Set(domains.flatMap((one) => one.classes))];
  const points = {
    domains: domains.map(({ name }) => name),
    domainOf: Uint8Array.from(domains.flatMap(({ sample }, d) => new Array<number>(sample.length).fill(d))),
    classes,
    classOf: Int32Array.from(
      domains.flatMap(({ sample, classOf }) =>
        Array.from(sample, (row) => classes.indexOf(classOf(row) ?? "")),
      ),
    ),
  };
  const drawn = <T>(of: (run: EmbeddedRun) => T | null) => runs.flatMap((run) => of(run) ?? []);
  const pca = drawn(
    ({ name, pca }) =>
      pca && {
        name,
        coordinates: pca.coordinates,
        note: `${(100 * pca.shares.reduce((sum, one) => sum + one, 0)).toFixed(0)} % of the variance`,
      },
  );
  const umaps = drawn(({ name, umap }) => umap && { name, coordinates: toUnit(umap) });
  const made: (ReportFigure & { file: string })[] = [];
  if (pca.length > 0)
    made.push({
      file: "pca",
      wide: true,
      title: "Principal components",
      caption:
        "A column a run, the same images in each. In units of the features' spread (root of the whole variance).",
      svg: embeddingFigure(pca, points, {
        title: "Features by principal components, by domain and by class",
        xLabel: "first component (spread of the features) →",
        yLabel: "↑ second component (spread of the features)",
        ticks: true,
      }),
    });
  if (umaps.length > 0)
    made.push({
      file: "umap",
      wide: true,
      title: "UMAP",
      caption: "Near points are alike; distances between clouds, and axes, mean nothing.",
      svg: embeddingFigure(umaps, points, {
        title: "Features by UMAP, by domain and by class",
        xLabel: "UMAP 1 (no unit) →",
        yLabel: "↑ UMAP 2 (no unit)",
        ticks: false,
      }),
    });
  return made;
}

/** About the middle, the longer side from −1 to 1, since UMAP's axes have no unit. */
function toUnit(coordinates: Float64Array): Float64Array {
  const extents = [0, 1].map((axis) => {
    const values = coordinates.filter((_, i) => i % 2 === axis).sort();
    const [low, high] = [values[0]!, values.at(-1)!];
    return { middle: (low + high) / 2, half: (high - low) / 2 };
  });
  const half = Math.max(extents[0]!.half, extents[1]!.half) || 1;
  return coordinates.map((value, i) => (value - extents[i % 2]!.middle) / half);
}

function neighbourCsv(
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
  ids: readonly string[],
): string {
  const rows: unknown[][] = [["run", "of", "rank", "dataset", "id", "distance"]];
  for (const { name, neighbours } of runs)
    for (const [k, id] of ids.entries())
      for (const [n, { domain, row, distance }] of neighbours[k]!.entries()) {
        const { name: dataset, domain: images } = domains[domain]!;
        rows.push([name, id, n + 1, dataset, images.ids[row], distance]);
      }
  return csvText(rows);
}

const TILE = 120;
const GAP = 8;
const TEXT = LETTER.height;

/** The object and its neighbours: a row a run in one picture, and tiles for the report. */
function neighbourPictures(
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
  id: string,
  k: number,
): { png: Uint8Array; mosaics: ReportMosaic[] } {
  const own = findId(domains, id);
  const itself = pictureOf(domains[own.domain]!, own.row);
  const factor = Math.max(1, Math.floor(TILE / Math.max(itself.width, itself.height)));
  const [wide, high] = [factor * itself.width, factor * itself.height];
  const rowHeight = high + 3 * GAP + 2 * TEXT + 2 * TEXT;
  const head = GAP + 2 * TEXT + GAP;
  const most = Math.max(...runs.map(({ neighbours }) => neighbours[k]!.length));
  const canvas = new Canvas(GAP + (1 + most) * (wide + GAP), head + runs.length * (rowHeight + head));
  canvas.text(id, GAP, GAP, 2);
  const mosaics = runs.map(({ name, neighbours }, r): ReportMosaic => {
    const top = head + r * (rowHeight + head);
    canvas.text(name, GAP, top, 2, [150, 155, 165], canvas.width - 2 * GAP);
    const tiles = [
      { picture: itself, caption: "the object", id, label: domains[own.domain]!.name },
      ...neighbours[k]!.map(({ domain, row, distance }) => ({
        picture: pictureOf(domains[domain]!, row),
        caption: distance.toPrecision(2),
        id: domains[domain]!.domain.ids[row]!,
        label: domains[domain]!.name,
      })),
    ];
    for (const [n, { picture, caption, label, id: of }] of tiles.entries()) {
      const left = GAP + n * (wide + GAP);
      const below = top + head + high + 4;
      canvas.picture(picture, left, top + head, factor);
      canvas.text(caption, left, below, n === 0 ? 1 : 2, undefined, wide);
      canvas.text(label, left, below + 2 * TEXT + 3, 1, [150, 155, 165], wide);
      canvas.text(ending(of, wide), left, below + 3 * TEXT + 6, 1, [150, 155, 165]);
    }
    return {
      title: `Neighbours of ${id}, ${name}`,
      caption: "Cosine distance in feature space, the nearest first.",
      tiles,
    };
  });
  return { png: picturePng(canvas), mosaics };
}

/** An id's last letters, which tell it from others. */
function ending(id: string, most: number): string {
  const letters = Math.floor(most / LETTER.advance);
  return id.length <= letters ? id : `..${id.slice(2 - letters)}`;
}

function pictureOf({ domain }: EmbedDomain, row: number): Rgb {
  const [channels, height, width] = domain.info.shape;
  const data = tidy(() => domain.images([row]).data() as Uint8Array | Float32Array);
  return displayRgb({ data, shape: [1, channels, height, width] }, 0, shownAs(domain.info));
}
