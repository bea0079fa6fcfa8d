/**
 * The design of a sample: strata that part a survey's rows, and with what probability a row of each was drawn. It lies
 * beside the sample as `<sample>.design.json`.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join, parse } from "node:path";
import * as z from "zod";
import { literal } from "../../catalog/duck.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { readJson, writeFileWhole } from "../../foundation/files.ts";

const count = z.number().int().nonnegative();

/** The last row of a stratum in the ranking; without an id, every row of that score is above it. */
const lastSchema = z.strictObject({ score: z.number(), id: z.string().nullable() });

const stratumSchema = z.strictObject({
  name: z.string().min(1),
  /** How its rows were drawn: all of the best, of those near a probability, or of a bin of the ranking. */
  kind: z.enum(["top", "uncertain", "random"]),
  /** Rows of the survey in it. */
  rows: count,
  /** Rows of the sample in it. */
  drawn: count,
  /** drawn / rows. */
  probability: z.number().gt(0).max(1),
  /** Where it ends in the ranking; null for the last bin, and for uncertain rows. */
  last: lastSchema.nullable(),
  /** Of uncertain rows: probabilities this far from this one. */
  around: z.strictObject({ probability: z.number(), within: z.number() }).nullable(),
});
export type Stratum = z.infer<typeof stratumSchema>;

const designSchema = z.strictObject({
  version: z.literal(1),
  scores: z.strictObject({ path: z.string(), rows: count, sha256: z.string() }),
  seed: count,
  /** A row belongs to the first of these that it fits. */
  strata: z.array(stratumSchema).min(1),
  decoys: z.strictObject({ path: z.string(), sha256: z.string(), rate: z.number(), shown: count }).nullable(),
  /** Rows of the sample without decoys, and the hash of what the figures rest on (`sampleHash`). */
  sample: z.strictObject({ rows: count, sha256: z.string() }),
  provenance: z.record(z.string(), z.string()),
});
export type Design = z.infer<typeof designSchema>;

/** Where a sample's design lies: `sample.design.json` of `sample.csv`. */
export function designPath(sample: string): string {
  const { dir, name } = parse(sample.replace(/\.gz$/, ""));
  return join(dir, `${name}.design.json`);
}

export const writeDesign = (sample: string, design: Design): void =>
  writeFileWhole(
    designPath(sample),
    `${JSON.stringify(checked(designPath(sample), designSchema, design), null, 2)}\n`,
  );

/** @throws ArcletError when the sample has no design: then nobody knows how likely its rows were to be drawn */
export function readDesign(sample: string): Design {
  const path = designPath(sample);
  if (!existsSync(path))
    throw new ArcletError({
      where: path,
      code: "absent",
      problem: `is not there, so ${sample} has no stated probabilities and no figure of the survey follows from it`,
      fix: "draw the sample with arclet select, or put its design beside it",
    });
  return checked(path, designSchema, readJson(path));
}

/** What a row of a sample is, as far as figures depend on it. */
export interface SampledRow {
  readonly id: string;
  /** Null for a decoy. */
  readonly stratum: string | null;
  /** What a decoy is known to be; null for a row of the survey. */
  readonly decoy: string | null;
}

/** SHA-256 of a sample's rows, in any order and any format. */
export function sampleHash(rows: readonly SampledRow[]): string {
  const lines = rows.map(({ id, stratum, decoy }) => JSON.stringify([id, stratum, decoy])).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/**
 * A row's stratum in SQL, as the index of the first that it fits, of a table with `id`, `score` and `probability`. Exact:
 * numbers are written to the last bit.
 */
export function stratumSql(strata: readonly Pick<Stratum, "kind" | "last" | "around">[]): string {
  const cases = strata.flatMap(({ last, around }, index) => {
    if (around !== null) {
      const [low, high] = [around.probability - around.within, around.probability + around.within];
      return [`WHEN probability BETWEEN ${exact(low)} AND ${exact(high)} THEN ${index}`];
    }
    if (last === null) return [];
    const tied = last.id === null ? "true" : `id <= ${literal(last.id)}`;
    return [`WHEN score > ${exact(last.score)} OR (score = ${exact(last.score)} AND ${tied}) THEN ${index}`];
  });
  return `CASE ${cases.join(" ")} WHEN true THEN ${strata.length - 1} END`;
}

/** A number in SQL, to the last bit. */
export const exact = (value: number): string => `'${value}'::DOUBLE`;
