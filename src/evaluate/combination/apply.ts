/** A fitted combination applied: to new tables, to those that it was fitted on, or to images that its models score. */
import { fileHash } from "../../dataset/hash.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { applied, type Combined, learnedNotes } from "./combine.ts";
import type { Combination } from "./file.ts";
import { type Input, inputsOf } from "./inputs.ts";
import { type JoinedScores, joinTables } from "./joined.ts";

/** Combined scores, with what the user should know, one line each. */
export type Applied = Combined & { readonly notes: readonly string[] };

/**
 * Applies a combination to score tables.
 *
 * @param path the combination's file, for messages
 * @param texts its inputs, as the user names them
 * @param prevalence of lenses that probabilities are for; null for the combination's
 * @throws ArcletError as `joinTables`, for an input that the combination doesn't have, or one of its inputs that isn't given
 */
export async function applyToTables(
  path: string,
  combination: Combination,
  texts: readonly string[],
  prevalence: number | null,
): Promise<Applied> {
  const given = inputsOf(texts);
  refuseStrangers(path, combination, given);
  const inputs = combination.inputs.map(({ name }) => {
    const input = given.find((one) => one.name === name);
    if (input !== undefined) return input;
    throw new ArcletError({
      where: path,
      code: "missing",
      problem: `its input ${name} is not given`,
      fix: `give its table: ${name}=FILE:COLUMN`,
    });
  });
  return applyToScores(combination, await joinTables(inputs), inputs, prevalence);
}

/**
 * Applies a combination to the tables that it was fitted on.
 *
 * @throws ArcletError for a table that is gone or has changed
 */
export async function applyToOwnTables(path: string, combination: Combination): Promise<Applied> {
  for (const { name, file, sha256 } of combination.inputs)
    if (fileHash(file) !== sha256)
      throw new ArcletError({
        where: file,
        code: "conflict",
        problem: `is not the table of ${name} that ${path} was fitted on: it has changed since`,
        fix: "arclet combine --apply combines new tables",
      });
  const inputs = combination.inputs.map(({ name, file, column }) => ({ name, path: file, column }));
  return applyToScores(combination, await joinTables(inputs), inputs, null);
}

/**
 * @param inputs where each column of scores is from, in the combination's order
 * @throws ArcletError for a score that is no probability where the combination was fitted on probabilities
 */
export function applyToScores(
  combination: Combination,
  joined: JoinedScores,
  inputs: readonly Pick<Input, "path" | "column">[],
  prevalence: number | null,
): Applied {
  for (const [k, { scale }] of combination.inputs.entries()) {
    const row = joined.scores[k]!.findIndex((score) => scale.logit && (score < 0 || score > 1));
    if (row >= 0)
      refuse(
        { where: inputs[k]!.path, id: joined.ids[row] },
        inputs[k]!.column,
        "from 0 to 1, as it was when the combination was fitted",
        joined.scores[k]![row],
      );
  }
  const at = { ...combination, prevalence: prevalence ?? combination.prevalence };
  return { ...applied(at, joined), notes: [...joined.notes, ...learnedNotes(combination)] };
}

/** @throws ArcletError for an input that the combination doesn't have */
export function refuseStrangers(
  path: string,
  { inputs }: Combination,
  given: readonly Pick<Input, "name">[],
): void {
  const names = inputs.map(({ name }) => name);
  const stranger = given.find(({ name }) => !names.includes(name));
  if (stranger !== undefined) throw unknown(path, "input", stranger.name, names);
}
