/** The combination of a search: the folder that `arclet combine` wrote. */
import { join } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { type Combination, readCombination } from "../../evaluate/combination/file.ts";
import { ArcletError } from "../../foundation/errors.ts";

export interface SearchCombination {
  readonly file: string;
  readonly sha256: string;
  /** Its table: the combined probability of every row. */
  readonly scores: string;
  readonly combination: Combination;
}

/**
 * @param scores the search's score table
 * @throws ArcletError when the combination was made neither of these scores nor into them
 */
export function readSearchCombination(folder: string, scores: string): SearchCombination {
  const file = join(folder, "combination.json");
  const table = join(folder, "scores.csv");
  const combination = readCombination(file);
  const hash = fileHash(scores);
  const made = [fileHash(table), ...combination.inputs.map(({ sha256 }) => sha256)];
  if (!made.includes(hash))
    throw new ArcletError({
      where: file,
      code: "conflict",
      problem: `was made of other tables than ${scores}: ${combination.inputs.map((one) => one.file).join(", ")}`,
      fix: "give the scores that were combined, or combine these",
    });
  return { file, sha256: fileHash(file), scores: table, combination };
}
