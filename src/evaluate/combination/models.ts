/** The models behind a combination's inputs: as they were named when it was fitted, and as they are found again. */
import { fileHash } from "../../dataset/hash.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { readModelInfo } from "../../train/model.ts";
import type { Combination } from "./file.ts";
import type { Input } from "./inputs.ts";

/** A model whose scores are an input, or one of several that are averaged. */
export type NamedModel = NonNullable<Combination["inputs"][number]["models"]>[number];

/** Columns of a score table that are a model's own probabilities. */
const OWN_COLUMN = /^(score|p_.+)$/;

/**
 * The models of each input, from texts such as `NAME=runs/adapted`; an empty list for an input without any.
 *
 * @throws ArcletError for a text without a name, an unknown name, a column that no model gives, and a model that can't be read
 */
export function modelsOf(texts: readonly string[], inputs: readonly Input[]): NamedModel[][] {
  const names = inputs.map(({ name }) => name);
  const found = inputs.map((): NamedModel[] => []);
  for (const text of texts) {
    const equals = text.indexOf("=");
    if (equals <= 0) refuse("combine", "models", "NAME=MODEL, of an input's name", text);
    const [name, path] = [text.slice(0, equals), text.slice(equals + 1)];
    const k = names.indexOf(name);
    if (k < 0) throw unknown("combine", "models", name, names);
    refuseOtherColumn(inputs[k]!);
    found[k]!.push({ path, sha256: modelHash(path) });
  }
  return found;
}

/** @throws ArcletError for a column that is not a model's own output */
export function refuseOtherColumn({ name, column }: Pick<Input, "name" | "column">): void {
  if (!OWN_COLUMN.test(column))
    refuse(`input ${name}`, "column", "score or p_CLASS, which models give, to be scored by a model", column);
}

/** SHA-256 of a model's file. @throws ArcletError as `readModelInfo` */
const modelHash = (path: string): string => fileHash(readModelInfo(path).file);

/** @throws ArcletError unless a model is the very one that the combination was fitted with */
export function refuseOtherModel(
  where: string,
  name: string,
  path: string,
  known: readonly NamedModel[],
): void {
  const hash = modelHash(path);
  if (known.some(({ sha256 }) => sha256 === hash)) return;
  throw new ArcletError({
    where: path,
    code: "conflict",
    problem: `is not the model that made the scores of ${name} when ${where} was fitted (SHA-256 must begin with ${known[0]!.sha256.slice(0, 12)})`,
    fix: `give that one (--inputs ${name}=MODEL), or fit a combination with the new model's scores`,
  });
}
