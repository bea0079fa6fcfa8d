/**
 * Draws a sample to grade from a table of scores. Its strata are disjoint: a row belongs to the first that it fits, so each
 * row has one probability, that of its stratum, and the draws of two strata are independent.
 *
 * Rows of a stratum are drawn without replacement, each set of them as likely as another: by the order of MD5 sums of the
 * seed and their ids. The sample depends on ids and scores, not on the table's order, format, or machine.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, literal, queried } from "../../catalog/duck.ts";
import { columnsOf, explained, idOf, openTable, type TableFile } from "../../catalog/table-file.ts";
import { fileHash } from "../../dataset/hash.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { keyOf, permutation } from "../../foundation/random.ts";
import { loadScores } from "../score-table.ts";
import { inScratchDatabase } from "../scratch-database.ts";
import { allocate } from "./allocation.ts";
import { type Decoy, decoysTable, drawDecoys, readDecoys } from "./decoys.ts";
import { type Design, type Stratum, sampleHash, stratumSql } from "./design.ts";
import type { SampleConfig } from "./sample-config.ts";
import { type Bounds, strataOf } from "./strata.ts";

/** A row of the sample, in the order in which to show them. */
export interface SampleRow {
  /** Its id. */
  readonly id: string;
  /** Null for a decoy, as its probability. */
  readonly stratum: string | null;
  /** Its probability to be in the sample; null for a decoy. */
  readonly probability: number | null;
  /** What a decoy is known to be; null for a row of the survey. */
  readonly decoy: Decoy["label"] | null;
  /** Right ascension, degrees. */
  readonly ra: number | null;
  /** Declination, degrees. */
  readonly dec: number | null;
}

/** A drawn sample, with its design. */
export interface Drawn {
  /** The strata, with their rows and probabilities. */
  readonly design: Omit<Design, "provenance">;
  /** The rows to grade, in the order in which to show them. */
  readonly rows: SampleRow[];
  /** Whether any row has a sky position. */
  readonly positions: boolean;
  /** Sentences for the user. */
  readonly notes: string[];
}

/**
 * @throws ArcletError naming the table for: an id that is missing or occurs twice, a score that is not finite, settings that
 *   leave a row without a chance to be drawn, too few decoys
 */
export async function drawSample(path: string, config: SampleConfig): Promise<Drawn> {
  return inScratchDatabase(path, async (connection, scratch) => {
    const file = await openTable(path, scratch);
    const { calibrated } = await explained(file, scratch, () => loadScores(connection, file));
    const rows = await rankedRows(connection, path, calibrated, config);
    const bounds = await strataOf(connection, rows, config);
    const { strata, notes } = await sized(connection, bounds, config);
    const drawn = await drawnRows(connection, strata, config.seed);
    const placed = await withPositions(connection, file, drawn);
    const known = config.decoys === null ? null : decoysTable(config.decoys);
    const decoys = known === null ? [] : await readDecoys(known);
    const ids = new Set(drawn.map(({ id }) => id));
    const chosen =
      known === null ? [] : drawDecoys(known, decoys, ids, { rate: config.decoyRate, seed: config.seed });
    const shown = [...placed, ...chosen.map(asRow)].sort((a, b) => (a.id < b.id ? -1 : 1));
    const order = permutation(shown.length, keyOf(config.seed, ORDER));
    const positions = placed.some(({ ra }) => ra !== null);
    if (positions && chosen.some(({ ra }) => ra === null))
      notes.push(
        `${known}: some decoys have no ra and dec, by which graders could tell them: arclet inspect hides positions until a round is closed`,
      );
    return {
      design: {
        version: 1,
        scores: { path, rows, sha256: fileHash(path) },
        seed: config.seed,
        strata,
        decoys:
          known === null
            ? null
            : {
                path: known,
                sha256: fileHash(known),
                rate: config.decoyRate,
                shown: chosen.length,
              },
        sample: { rows: drawn.length, sha256: sampleHash(shown) },
      },
      rows: Array.from(order, (k) => shown[k]!),
      positions,
      notes,
    };
  });
}
const ORDER = 1;

/** Makes table `survey` of table `s`: id, score, probability, from the highest score down, by id among equals. @returns its rows */
async function rankedRows(
  connection: DuckDBConnection,
  path: string,
  calibrated: boolean,
  { uncertain }: SampleConfig,
): Promise<number> {
  if (uncertain > 0 && !calibrated) {
    const [[row, score] = []] = await queried(
      connection,
      "SELECT rowid, score FROM s WHERE score NOT BETWEEN 0 AND 1 ORDER BY rowid LIMIT 1",
    );
    if (row !== undefined)
      refuse(
        { where: path, row: Number(row) + 1 },
        "score (as a probability, for --uncertain)",
        "from 0 to 1",
        score,
      );
  }
  await connection.run(
    `CREATE TEMP TABLE survey AS SELECT id, score, ${calibrated ? "calibrated" : "score"} AS probability
     FROM s ORDER BY score DESC, id`,
  );
  await connection.run("DROP TABLE s");
  const [[rows] = []] = await queried(connection, "SELECT count(*) FROM survey");
  return Number(rows);
}

/** Strata with their rows, and how many of each are drawn; those without a row are left out. */
async function sized(
  connection: DuckDBConnection,
  bounds: readonly Bounds[],
  { random, uncertain, shares }: SampleConfig,
): Promise<{ strata: Stratum[]; notes: string[] }> {
  const counted = await queried(
    connection,
    `SELECT ${stratumSql(bounds)} AS stratum, count(*) FROM survey GROUP BY stratum`,
  );
  const rowsOf = new Map(counted.map(([stratum, count]) => [Number(stratum), Number(count)]));
  const filled = bounds.flatMap((bound, index) =>
    rowsOf.has(index) ? [{ ...bound, rows: rowsOf.get(index)! }] : [],
  );
  const bins = filled.filter(({ kind }) => kind === "random");
  // Neyman's allocation where lenses thin out as one over the rank.
  const weights = bins.map(({ rows, bin }) => (shares === null ? Math.sqrt(rows) : shares[bin]!));
  const drawn =
    bins.length === 0
      ? []
      : allocate(
          bins.map(({ rows }) => rows),
          weights,
          random,
        );
  const notes: string[] = [];
  const strata = filled.map(({ kind, name, rows, last, around }): Stratum => {
    const wanted = kind === "random" ? drawn.shift()! : kind === "top" ? rows : uncertain;
    if (wanted > rows) notes.push(`stratum ${name} has ${rows} rows, and all of them are drawn`);
    const taken = Math.min(wanted, rows);
    return { name, kind, rows, drawn: taken, probability: taken / rows, last, around };
  });
  if (uncertain > 0 && !strata.some(({ kind }) => kind === "uncertain"))
    notes.push("no row below the top is uncertain: none was drawn for that");
  return { strata, notes };
}

/** The rows drawn of each stratum. */
async function drawnRows(
  connection: DuckDBConnection,
  strata: readonly Stratum[],
  seed: number,
): Promise<Omit<SampleRow, "ra" | "dec">[]> {
  const rows: Omit<SampleRow, "ra" | "dec">[] = [];
  const index = stratumSql(strata);
  for (const [h, { name, drawn, probability, rows: all }] of strata.entries()) {
    const order =
      drawn < all ? `ORDER BY md5_number_lower(${literal(`${seed}/`)} || id), id LIMIT ${drawn}` : "";
    const found = await queried(connection, `SELECT id FROM survey WHERE ${index} = ${h} ${order}`);
    if (found.length !== drawn)
      throw new ArcletError({ where: "select", code: "internal", problem: `stratum ${name} lost rows` });
    for (const [id] of found) rows.push({ id: String(id), stratum: name, probability, decoy: null });
  }
  return rows;
}

/** Rows with their sky positions, where the table has `ra` and `dec`. */
async function withPositions(
  connection: DuckDBConnection,
  file: TableFile,
  rows: readonly Omit<SampleRow, "ra" | "dec">[],
): Promise<SampleRow[]> {
  const names = await columnsOf(connection, file, []);
  if (!names.includes("ra") || !names.includes("dec"))
    return rows.map((row) => ({ ...row, ra: null, dec: null }));
  const { id } = await idOf(connection, file, names);
  const degrees = (name: string) => `TRY_CAST(${identifier(name)} AS DOUBLE)`;
  await connection.run("CREATE TEMP TABLE drawn (id VARCHAR)");
  const appender = await connection.createAppender("drawn");
  for (const row of rows) {
    appender.appendVarchar(row.id);
    appender.endRow();
  }
  appender.closeSync();
  const found = await queried(
    connection,
    `SELECT id, ra, dec FROM (SELECT ${id} AS id, ${degrees("ra")} AS ra, ${degrees("dec")} AS dec FROM ${file.sql})
     SEMI JOIN drawn USING (id)`,
  );
  const positions = new Map(found.map(([id, ra, dec]) => [String(id), { ra: finite(ra), dec: finite(dec) }]));
  return rows.map((row) => ({ ...row, ...positions.get(row.id)! }));
}

const finite = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

const asRow = ({ id, label, ra, dec }: Decoy): SampleRow => ({
  ...{ id, stratum: null, probability: null, decoy: label, ra, dec },
});
