/** From images to a selection function: painted if asked, scored if need be, joined and counted. */
import { join } from "node:path";
import { type Dataset, openDataset } from "../../dataset/dataset.ts";
import type { DatasetInfo } from "../../dataset/info.ts";
import { rowsWhere } from "../../dataset/where.ts";
import { commandLine } from "../../foundation/command-line.ts";
import { refuse } from "../../foundation/errors.ts";
import { type Scoring, type ScoringOptions, scoreImages } from "../scoring.ts";
import { openSeal } from "../seal.ts";
import type { SelectionConfig } from "./config.ts";
import {
  type FinderScores,
  isTable,
  refuseMixed,
  type ScoreSource,
  scoresOfModels,
  scoresOfTable,
} from "./finder-scores.ts";
import { type InjectedRows, injectedRows, joinedInjections } from "./injections.ts";
import { paintedHosts } from "./painted-hosts.ts";
import { type InNature, inNature } from "./population.ts";
import { type AtThreshold, type Injections, selectionOf } from "./selection.ts";
import { askedThresholds } from "./thresholds.ts";

/** The dataset that injections are of. */
export interface InjectedDataset {
  readonly folder: string;
  readonly name: string;
  readonly contentHash: string;
  /** How it was made: command, recipe, seed. */
  readonly provenance: DatasetInfo["provenance"];
}

export interface Measured {
  readonly injections: Injections;
  readonly dataset: InjectedDataset;
  readonly sources: readonly ScoreSource[];
  readonly thresholds: readonly AtThreshold[];
  /** One a threshold; null without a population. */
  readonly population: { readonly dataset: InjectedDataset; readonly at: readonly InNature[] } | null;
  readonly notes: readonly string[];
}

const MAPS = ["theta_e:arc_snr"];
const MODEL = ["theta_e", "arc_snr"];

/**
 * @param provenance of what is painted
 * @param onNote called with each line for the user as it comes up
 * @param score scores rows by the models, unless that is done already
 * @throws ArcletError as what it calls
 */
export async function measureSelection(
  config: SelectionConfig,
  provenance: DatasetInfo["provenance"],
  onNote: (note: string) => void,
  score?: ScoreRows,
): Promise<Measured> {
  const { finders, out, splits } = config;
  const thresholds = askedThresholds(config.thresholds);
  refuseMixed(finders);
  const folder = config.paint === null ? config.injected : join(out, "injected");
  const notes: string[] = [];
  const said = (...lines: readonly string[]) => {
    for (const line of lines) onNote(line);
    notes.push(...lines);
  };
  if (config.paint !== null) {
    if (isTable(finders[0]!)) refuse("selection", "finders", "models with --paint", finders[0]);
    for (const line of await paintedHosts(config, folder, provenance)) onNote(line);
  }
  const dataset = await openDataset(folder);
  try {
    await dataset.verify();
    const rows = await rowsOf(dataset, folder, config);
    if (splits.includes("test"))
      openSeal(folder, { command: commandLine(), run: finders.join(" "), split: "test" });
    const chosen = injectedRows(dataset, folder, rows, config);
    said(...chosen.notes);
    const scores = await scored(dataset, folder, [...chosen.lenses, ...chosen.others], config, score);
    said(...scores.notes);
    const from = finders.length === 1 ? finders[0]! : out;
    const joined = joinedInjections(dataset, folder, chosen, scores.rows, from, config);
    said(...joined.notes);
    const { injections } = joined;
    const known = new Set(injections.properties.map(({ name }) => name));
    const options = {
      thresholds,
      maps: (config.maps ?? MAPS.filter((pair) => pair.split(":").every((name) => known.has(name)))).map(
        pairOf,
      ),
      model: config.model ?? MODEL.filter((name) => known.has(name)),
      seed: config.seed,
    };
    const at = selectionOf(injections, options);
    for (const one of at) said(...one.notes);
    return {
      injections,
      dataset: aboutOf(dataset, folder),
      sources: scores.sources,
      thresholds: at,
      population: config.population === null ? null : await populationOf(config.population, config, at),
      notes,
    };
  } finally {
    dataset.close();
  }
}

const aboutOf = ({ info }: Dataset, folder: string): InjectedDataset => ({
  folder,
  name: info.name,
  contentHash: info.contentHash,
  provenance: info.provenance,
});

/** The injections that are counted, and the other rows. @throws ArcletError when there is no injection */
export const injectedIn = async (
  dataset: Dataset,
  folder: string,
  config: SelectionConfig,
): Promise<InjectedRows> => injectedRows(dataset, folder, await rowsOf(dataset, folder, config), config);

async function rowsOf(
  dataset: Dataset,
  folder: string,
  { splits, where, paint }: SelectionConfig,
): Promise<Int32Array> {
  const rows = dataset.rows(...splits);
  // Painted images have their hosts' condition behind them.
  if (where === null || paint !== null) return rows;
  const met = new Set(await rowsWhere(folder, where));
  const kept = rows.filter((row) => met.has(row));
  return kept.length > 0
    ? kept
    : refuse(folder, "rows", `some of the splits ${splits.join(", ")} with ${where}`, "none");
}

/** The scores of a table, or of models, which are kept beside the results. */
function scored(
  dataset: Dataset,
  folder: string,
  rows: readonly number[],
  config: SelectionConfig,
  score?: ScoreRows,
): Promise<FinderScores> {
  const [first] = config.finders;
  if (isTable(first!)) return scoresOfTable(first!);
  const inOrder = Int32Array.from(rows).sort();
  const byModels: ScoreRows = (options, tick) => scoreImages(config.finders, dataset, inOrder, options, tick);
  const scoreRows = (tick: (images: number) => void) => (score ?? byModels)(scoringOptions(config), tick);
  return scoresOfModels(config.finders, dataset, folder, inOrder, scoreRows, join(config.out, "scores.csv"));
}

/** Scores the rows of a selection, in the dataset's order. */
export type ScoreRows = (options: ScoringOptions, tick: (images: number) => void) => Promise<Scoring>;

/** What counts is the score: its calibration is the source's, and no prior is estimated from injections. */
export const scoringOptions = (config: SelectionConfig): ScoringOptions => ({
  ...config,
  calibration: "bias-corrected",
  prior: null,
  priorFrom: null,
});

function pairOf(text: string): readonly [string, string] {
  const [x, y, ...rest] = text.split(":");
  if (!x || !y || rest.length > 0 || x === y)
    return refuse("selection", "maps", "two properties as X:Y, such as theta_e:arc_snr", text);
  return [x, y];
}

async function populationOf(folder: string, { positive }: SelectionConfig, at: readonly AtThreshold[]) {
  const dataset = await openDataset(folder);
  try {
    return {
      dataset: aboutOf(dataset, folder),
      at: at.map(({ smooth }) => inNature(dataset, folder, positive, smooth)),
    };
  } finally {
    dataset.close();
  }
}
