/** A sample as a table: written by `select`, read again with its design, and refused where the two don't agree. */
import type { CatalogColumn } from "../../catalog/catalog.ts";
import { idText } from "../../catalog/id-text.ts";
import { readCatalog } from "../../catalog/read.ts";
import { idColumn } from "../../catalog/roles.ts";
import type { Table } from "../../catalog/table.ts";
import { writeCatalog } from "../../catalog/write.ts";
import { fileHash } from "../../dataset/hash.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { DECOY_LABELS, type DecoyLabel } from "./decoys.ts";
import { type Design, designPath, readDesign, type SampledRow, sampleHash } from "./design.ts";
import type { SampleRow } from "./drawing.ts";

const COLUMNS: readonly CatalogColumn[] = [
  { name: "shown", type: "whole", description: "the order in which to show the rows, from 1" },
  { name: "id", type: "text", ucd: "meta.id;meta.main" },
  {
    name: "stratum",
    type: "text",
    description: "the stratum that the row was drawn from; empty for a decoy",
  },
  { name: "probability", type: "number", ucd: "stat.probability", description: "of being in the sample" },
  { name: "decoy", type: "text", description: "what a decoy is known to be; empty for a row of the survey" },
];
const POSITIONS: readonly CatalogColumn[] = [
  { name: "ra", type: "number", unit: "deg", ucd: "pos.eq.ra;meta.main" },
  { name: "dec", type: "number", unit: "deg", ucd: "pos.eq.dec;meta.main" },
];

/** Writes a sample in the order in which to show it. @returns sentences for the user */
export const writeSample = (
  path: string,
  rows: readonly SampleRow[],
  positions: boolean,
): Promise<string[]> =>
  writeCatalog(
    path,
    positions ? [...COLUMNS, ...POSITIONS] : COLUMNS,
    rows.map(({ id, stratum, probability, decoy, ra, dec }, k) => [
      ...[k + 1, id, stratum, probability, decoy],
      ...(positions ? [ra, dec] : []),
    ]),
  );

export interface Sample {
  readonly path: string;
  readonly design: Design;
  /** The index of the row's stratum in the design, by id. */
  readonly strata: ReadonlyMap<string, number>;
  readonly decoys: ReadonlyMap<string, DecoyLabel>;
}

/** How far a probability may be from the design's, in parts: programs write a few digits. */
const TOLERANCE = 1e-4;

/**
 * Reads a sample and its design.
 *
 * @throws ArcletError when it was drawn by hand (it has no probabilities), a probability is not the design's, or rows were
 *   added, removed or moved to another stratum
 */
export async function readSample(path: string): Promise<Sample> {
  const { table } = await readCatalog(path, { texts: ["stratum", "decoy"] });
  const absent = ["stratum", "probability", "decoy"].find((name) => !table.has(name));
  if (absent !== undefined)
    throw new ArcletError({
      where: path,
      code: "missing",
      problem: `has no column ${absent}: of a sample drawn by hand nobody knows how likely a row was to be in it, so no figure of the survey follows from it`,
      fix: "draw the sample with arclet select",
    });
  const design = readDesign(path);
  const rows = rowsOf(table, design);
  if (sampleHash(rows) !== design.sample.sha256)
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `has other rows than ${designPath(path)} says were drawn`,
      fix: "give the sample as select wrote it; further columns and another order are fine",
    });
  const index = new Map(design.strata.map(({ name }, h) => [name, h]));
  return {
    path,
    design,
    strata: new Map(rows.flatMap(({ id, stratum }) => (stratum === null ? [] : [[id, index.get(stratum)!]]))),
    decoys: new Map(rows.flatMap(({ id, decoy }) => (decoy === null ? [] : [[id, decoy as DecoyLabel]]))),
  };
}

/** @throws ArcletError when a table of scores is not the one that a sample was drawn from */
export function refuseOtherScores(scores: string, { path, design }: Sample): void {
  if (fileHash(scores) === design.scores.sha256) return;
  throw new ArcletError({
    where: scores,
    code: "conflict",
    problem: `is not the table that ${path} was drawn from (${design.scores.path}), or has changed since`,
    fix: "give that table, or draw a sample of this one",
  });
}

function rowsOf(table: Table, design: Design): SampledRow[] {
  const name = idColumn(table.names);
  if (name === undefined) return refuse(table.path, "columns", "a list with an id column", table.names);
  const cell = (column: string, row: number) => {
    const value = table.column(column)[row];
    return value === null || value === "" ? null : value!;
  };
  return table.column(name).map((value, row): SampledRow => {
    const where = { where: table.path, row: row + 1 };
    const id = idText(value, where, name, table.isSingle(name));
    if (id === "") refuse(where, name, "given", null);
    const [decoy, stratum] = [cell("decoy", row), cell("stratum", row)];
    if (decoy !== null) {
      if (!DECOY_LABELS.some((label) => label === decoy))
        refuse(where, "decoy", `empty or ${DECOY_LABELS.join(" or ")}`, decoy);
      return { id, stratum: null, decoy: String(decoy) };
    }
    const known = design.strata.find((one) => one.name === stratum);
    if (known === undefined)
      return refuse(where, "stratum", `one of ${design.strata.map((one) => one.name).join(", ")}`, stratum);
    checkProbability(where, cell("probability", row), known.probability);
    return { id, stratum: known.name, decoy: null };
  });
}

function checkProbability(where: { where: string; row: number }, got: unknown, must: number): void {
  if (!(typeof got === "number" && got > 0 && got <= 1))
    refuse(where, "probability", "above 0 and at most 1, since the row was in the sample", got);
  if (Math.abs((got as number) / must - 1) > TOLERANCE)
    refuse(where, "probability", `${must}, as in its design`, got);
}
