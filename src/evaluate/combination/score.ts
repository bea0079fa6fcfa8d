/** Images scored by a fitted combination: each of its finders by its models, or by a table of scores. */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageDomain, Rows } from "../../dataset/dataset.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { finderNames } from "../../train/finders/finders.ts";
import { type ScoringOptions, scoreImages } from "../scoring.ts";
import { type Applied, applyToScores, refuseStrangers } from "./apply.ts";
import type { Combination } from "./file.ts";
import { type Input, inputsOf } from "./inputs.ts";
import type { JoinedScores } from "./joined.ts";
import { refuseOtherColumn, refuseOtherModel } from "./models.ts";
import { readScoreColumn } from "./score-column.ts";

/** Where an input's scores come from. */
export type Source =
  | { readonly name: string; readonly column: string; readonly models: readonly string[] }
  | { readonly name: string; readonly column: string; readonly table: Input };

/**
 * The sources of a combination's inputs: as given, else the models that it names.
 *
 * @param path the combination's file, for messages
 * @param texts `NAME=MODEL`, of one name several to be averaged, or `NAME=FILE:COLUMN`
 * @throws ArcletError for an unknown input, one without a source, and a model that is not the one that it was fitted with
 */
export function sourcesOf(path: string, combination: Combination, texts: readonly string[]): Source[] {
  const given = texts.map((text) => modelIn(text) ?? { table: inputsOf([text])[0]! });
  const tables = given.flatMap((one) => ("table" in one ? [one.table] : []));
  const models = given.flatMap((one) => ("table" in one ? [] : [one]));
  refuseStrangers(path, combination, [...tables, ...models]);
  return combination.inputs.map(({ name, column, models: known }): Source => {
    const table = tables.find((one) => one.name === name);
    if (table !== undefined) return { name, column: table.column, table };
    const own = models.filter((one) => one.name === name).map((one) => one.model);
    if (own.length === 0 && known === undefined)
      throw new ArcletError({
        where: path,
        code: "missing",
        problem: `it doesn't say which model made the scores of ${name}, nor is a table given`,
        fix: `give --inputs ${name}=MODEL or ${name}=FILE:COLUMN`,
      });
    refuseOtherColumn({ name, column });
    const used = own.length > 0 ? own : known!.map((one) => one.path);
    if (known !== undefined) for (const model of used) refuseOtherModel(path, name, model, known);
    return { name, column, models: used };
  });
}

/** A text that names a model: a finder's name, a run's folder, or a model's file. */
function modelIn(text: string): { name: string; model: string } | null {
  const equals = text.indexOf("=");
  const model = text.slice(equals + 1);
  const isModel =
    finderNames().includes(model) ||
    model.endsWith(".safetensors") ||
    (existsSync(model) && statSync(model).isDirectory());
  return equals > 0 && isModel ? { name: text.slice(0, equals), model } : null;
}

/** The models of all sources, in order. */
export const modelsIn = (sources: readonly Source[]): string[] =>
  sources.flatMap((source) => ("models" in source ? source.models : []));

/**
 * Scores rows of a dataset. A row that a table lacks is combined from the others.
 *
 * @param tick called after each batch with how many images a model scored
 * @throws ArcletError as `scoreImages`, `readScoreColumn` and `applyToScores`; Interrupted when the user stops it
 */
export async function scoreByCombination(
  combination: Combination,
  sources: readonly Source[],
  domain: ImageDomain,
  rows: Rows,
  options: ScoringOptions & { prevalence: number | null },
  tick: (images: number) => void = () => {},
): Promise<Applied> {
  const ids = Array.from(rows, (row) => domain.ids[row]!);
  const columns: Column[] = [];
  for (const source of sources)
    columns.push(
      "table" in source
        ? await columnOfTable(source.table, ids)
        : await columnOfModels(source.models, source.column, domain, rows, options, tick),
    );
  const joined: JoinedScores = {
    ids,
    rowOf: new Map(ids.map((id, i) => [id, i])),
    scores: columns.map(({ scores }) => scores),
    positions: positionsOf(domain, rows),
    leak: columns.some(({ leak }) => leak),
    learned: columns.map(({ learned }) => learned),
    notes: columns.flatMap(({ notes }) => notes),
  };
  const from = sources.map(({ column, name }, k) => ({ column, path: columns[k]!.path ?? name }));
  return applyToScores(combination, joined, from, options.prevalence);
}

interface Column extends Pick<JoinedScores, "leak" | "notes"> {
  /** Of the dataset's rows, NaN for none. */
  scores: Float64Array;
  learned: ReadonlySet<string>;
  /** The table. */
  path?: string;
}

async function columnOfTable(table: Input, ids: readonly string[]): Promise<Column> {
  const scratch = mkdtempSync(join(tmpdir(), "arclet-score-"));
  try {
    const { leak, learned, ...read } = await readScoreColumn(table, scratch);
    const of = new Map(read.ids.map((id, i) => [id, read.scores[i]!]));
    const scores = Float64Array.from(ids, (id) => of.get(id) ?? Number.NaN);
    const missing = scores.filter((score) => Number.isNaN(score)).length;
    if (missing === ids.length)
      throw new ArcletError({
        where: table.path,
        code: "conflict",
        problem: `has no score of any image: its ids look like ${read.ids[0]}, the images' like ${ids[0]}`,
      });
    const notes = missing === 0 ? [] : [`${table.name} has no score for ${missing} of ${ids.length} rows`];
    return { scores, leak, learned, notes, path: table.path };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function columnOfModels(
  models: readonly string[],
  column: string,
  domain: ImageDomain,
  rows: Rows,
  options: ScoringOptions,
  tick: (images: number) => void,
): Promise<Column> {
  // The probability is the combination's own.
  const scored = await scoreImages(models, domain, rows, { ...options, uncalibrated: true }, tick);
  const { classes, probabilities, positive, leak, graded } = scored;
  const k = column === "score" ? positive : classes.indexOf(column.slice(2));
  if (k < 0)
    throw new ArcletError({
      where: models[0]!,
      code: "conflict",
      problem: `has no class ${column.slice(2)}, whose probability was combined (its classes: ${classes.join(", ")})`,
    });
  return {
    scores: Float64Array.from(rows, (_, i) => probabilities[i * classes.length + k]!),
    leak,
    learned: new Set(Array.from(rows, (row) => domain.ids[row]!).filter((_, i) => graded?.[i] === 1)),
    notes: scored.notes,
  };
}

function positionsOf(domain: ImageDomain, rows: Rows): JoinedScores["positions"] {
  const all = domain.positions();
  if (all === undefined) return null;
  const of = (values: readonly (number | null)[]) =>
    Float64Array.from(rows, (row) => values[row] ?? Number.NaN);
  return { ra: of(all.ra), dec: of(all.dec) };
}
