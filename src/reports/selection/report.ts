/** The files of `selection`: selection.json, tables of counts and injections, figures, report.html. */
import { join } from "node:path";
import { writeCatalog } from "../../catalog/write.ts";
import type { SelectionConfig } from "../../evaluate/selection/config.ts";
import type { InjectedDataset, Measured } from "../../evaluate/selection/measured.ts";
import { propertyOf } from "../../evaluate/selection/properties.ts";
import { PARTS, weightedQuantile } from "../../evaluate/selection/quantiles.ts";
import type { AtThreshold, Injections } from "../../evaluate/selection/selection.ts";
import { inFileName } from "../../foundation/file-name.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { reliabilityFigure } from "../../pictures/figures.ts";
import { selectionAlongFigure, selectionMapFigure, smoothFigure } from "../../pictures/selection-figures.ts";
import { standaloneSvg } from "../../pictures/standalone-svg.ts";
import type { Provenance } from "../../torch/provenance.ts";
import { type Headline, type ReportFigure, type ReportTable, writeReport } from "../report.ts";
import { numbersOf } from "./numbers.ts";
import {
  completenessTable,
  countsFile,
  injectionsFile,
  modelTable,
  quantilesTable,
  thresholdText,
} from "./tables.ts";

interface NamedFigure extends ReportFigure {
  /** Of its file, without the ending. */
  readonly file: string;
}

/** Writes all files into `out`. @returns the page */
export async function writeSelection(
  out: string,
  measured: Measured,
  config: SelectionConfig,
  provenance: Provenance,
): Promise<string> {
  const counts = countsFile(measured);
  for (const name of ["counts.parquet", "counts.fits"])
    await writeCatalog(join(out, name), counts.columns, counts.rows);
  const injections = injectionsFile(measured);
  await writeCatalog(join(out, "injections.parquet"), injections.columns, injections.rows);
  const figures = figuresOf(measured);
  for (const { file, svg } of figures)
    writeFileWhole(join(out, "figures", `${inFileName(file)}.svg`), standaloneSvg(svg));
  writeFileWhole(
    join(out, "selection.json"),
    `${JSON.stringify(numbersOf(measured, config, provenance), null, 2)}\n`,
  );
  const page = join(out, "report.html");
  writeReport(page, {
    title: "Selection function",
    question: provenance.command,
    headlines: headlinesOf(measured),
    data: dataOf(measured),
    split: null,
    tables: tablesOf(measured),
    figures,
    commands: [provenance.command],
    versions: { arclet: provenance.arclet, libtorch: provenance.torch, node: provenance.node },
    notes: notesOf(measured),
  });
  return page;
}

const headlinesOf = ({ thresholds }: Measured): Headline[] =>
  thresholds.map(({ threshold, completeness: { value, low, high } }) => ({
    label: `completeness, score from ${thresholdText(threshold)}`,
    value: value!.toFixed(3),
    detail: low === null || high === null ? "" : `95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`,
  }));

const dataOf = ({ dataset, injections, population }: Measured) => {
  const entry = (role: string, { name, contentHash, provenance }: InjectedDataset, images: number) => ({
    role,
    name,
    images,
    hash: contentHash,
    ...(typeof provenance.command === "string" ? { origin: provenance.command } : {}),
  });
  return [
    entry("injections", dataset, injections.ids.length + injections.others.length),
    ...(population === null ? [] : [entry("population", population.dataset, population.at[0]?.lenses ?? 0)]),
  ];
};

function tablesOf(measured: Measured): ReportTable[] {
  const several = measured.thresholds.length > 1;
  return [
    { title: "What is found", table: completenessTable(measured) },
    ...measured.thresholds.flatMap((at): ReportTable[] => {
      const where = several ? `, score from ${thresholdText(at.threshold)}` : "";
      const model = modelTable(at);
      return [
        { title: `Quantiles of what was injected and what is found${where}`, table: quantilesTable(at) },
        ...(model === null
          ? []
          : [
              {
                title: `The smooth model${where}`,
                table: model,
                note: "Of the log odds of being found; u is a property's logarithm or itself, centred and scaled, s a cubic spline of it. selection.json has the formula, all digits and the covariance.",
              },
            ]),
      ];
    }),
  ];
}

function figuresOf({ thresholds, injections }: Measured): NamedFigure[] {
  const named = (at: AtThreshold) => `score from ${thresholdText(at.threshold)}`;
  const along = injections.properties.map(
    ({ name, label }, k): NamedFigure => ({
      title: `Completeness along ${label}`,
      svg: selectionAlongFigure(thresholds.map((at) => ({ name: named(at), of: at.along[k]! }))),
      caption: "Lines are counted shares, bars their 95 % intervals.",
      file: `along-${name}`,
    }),
  );
  const own = thresholds.flatMap((at, t) => {
    const [end, where] = thresholds.length > 1 ? [`-${t + 1}`, `, ${named(at)}`] : ["", ""];
    const maps = at.maps.map(
      (map): NamedFigure => ({
        title: `Completeness over ${map.xLabel} and ${map.yLabel}${where}`,
        svg: selectionMapFigure(map),
        caption: "In each cell the number of injections found, and of all.",
        file: `map-${map.x}-${map.y}${end}`,
      }),
    );
    return [...maps, ...modelFigures(at, injections, end, where)];
  });
  return [...along, ...own];
}

function modelFigures(
  { smooth }: AtThreshold,
  injections: Injections,
  end: string,
  where: string,
): NamedFigure[] {
  if (smooth === null || smooth.model.properties.length === 0) return [];
  const curves: NamedFigure = {
    title: `The smooth model${where}`,
    svg: smoothFigure(smooth.model, curvesOf(smooth.model.properties, injections)),
    caption: "Bands are 95 % intervals of the fit. Further properties are at their median.",
    file: `model${end}`,
  };
  if (smooth.heldOut === null || smooth.heldOut.bins.length === 0) return [curves];
  const { slope, logLoss, logLossOfShare } = smooth.heldOut;
  return [
    curves,
    {
      title: `Is the smooth model right${where}?`,
      svg: reliabilityFigure(smooth.heldOut.bins, "being found"),
      caption: `Each injection is predicted by a fit that saw none of its group. Slope ${slope.value.toFixed(2)} [${slope.low.toFixed(2)}, ${slope.high.toFixed(2)}] (1 is right); log-loss ${logLoss.toFixed(3)}, of one share for all ${logLossOfShare.toFixed(3)}.`,
      file: `model-held-out${end}`,
    },
  ];
}

/** Curves for three values of the second property, all others at their median. */
function curvesOf(
  [, second, ...rest]: readonly { property: string }[],
  { properties, weights }: Injections,
): { name: string; of: number[] }[] {
  const at = (name: string, part: number) => {
    const { values } = properties.find((property) => property.name === name)!;
    const known = [...values.keys()].filter((row) => Number.isFinite(values[row]!));
    const order = known.sort((a, b) => values[a]! - values[b]!);
    return weightedQuantile(values, weights, order, part)!;
  };
  if (second === undefined) return [{ name: "all", of: [] }];
  const middle = rest.map(({ property }) => at(property, 0.5));
  return [PARTS[1], PARTS[2], PARTS[3]].map((part) => {
    const value = at(second.property, part);
    return {
      name: `${propertyOf(second.property).label} ${Number(value.toPrecision(3))}`,
      of: [value, ...middle],
    };
  });
}

function notesOf({ injections, thresholds, sources, dataset, population, notes }: Measured): string[] {
  const [{ groups, correlation }] = thresholds as [AtThreshold, ...AtThreshold[]];
  const several = groups < injections.ids.length;
  return [
    ...notes,
    ...sources.map(
      ({ kind, name, sha256 }) => `${kind === "model" ? "Finder" : "Scores"} ${name}: SHA-256 ${sha256}.`,
    ),
    populationText(dataset),
    ...(several && correlation !== null
      ? [
          `${injections.ids.length} injections are in ${groups} groups (hosts, sky positions), within which they are found together (correlation ${correlation.toFixed(2)} at the first threshold): intervals count them as fewer.`,
        ]
      : []),
    ...(population === null
      ? []
      : [
          `Of the ${population.at[0]!.lenses} lenses of ${population.dataset.folder} ${population.at[0]!.outside} are outside the ranges of the injections, where the smooth model is extrapolated.`,
        ]),
    "Intervals of counts are Wilson's, 95 %, of as many independent injections as these are worth.",
  ];
}

/** What the completeness is of. */
function populationText({ provenance, folder }: InjectedDataset): string {
  const { recipe, seed } = (provenance.config ?? {}) as { recipe?: unknown; seed?: unknown };
  const how = provenance.task === "paint" ? "painted on real cutouts" : "simulated";
  return `Injections are ${how} (${folder}${recipe === undefined ? "" : `, recipe ${recipe}`}${seed === undefined ? "" : `, seed ${seed}`}): completeness is of lenses as these are distributed, not as nature's.`;
}
