/** A search's list: its rows by probability, with what is known of each. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, inOneLine, queried } from "../../catalog/duck.ts";
import { columnsOf, explained, idOf, openTable, type TableFile } from "../../catalog/table-file.ts";
import type { ImageDomain } from "../../dataset/dataset.ts";
import { GIVEN, loadGrades } from "../../evaluate/designed-sample/grades-table.ts";
import { loadScores } from "../../evaluate/score-table.ts";
import { inScratchDatabase } from "../../evaluate/scratch-database.ts";
import { ArcletError } from "../../foundation/errors.ts";

export interface ListingParts {
  readonly scores: string;
  /** The combined table; null for none. */
  readonly combined: string | null;
  /** The images that were scored, as the user named their folder. */
  readonly dataset: { readonly folder: string; readonly domain: ImageDomain } | null;
  readonly grades: { readonly path: string; readonly positives: string } | null;
  /** Whether the grades are known to be of a sample of these scores: decoys among them are no rows of the survey. */
  readonly sampled: boolean;
  /** Rows to list from the top; graded lenses further down are listed as well. */
  readonly most: number;
}

export interface Candidate {
  /** From 1. */
  readonly rank: number;
  readonly id: string;
  /** Null where none is known. */
  readonly probability: number | null;
  readonly score: number;
  /** ICRS degrees. */
  readonly ra: number | null;
  readonly dec: number | null;
  /** What graders called it; null if it is not graded. */
  readonly lens: boolean | null;
  /** What they gave, by `Listing.given`. */
  readonly given: readonly (string | null)[];
  /** The dataset's row. */
  readonly image: number | null;
}

export interface Listing {
  /** Rows of the score table. */
  readonly rows: number;
  /** Images of the dataset that have no score; 0 without a dataset. */
  readonly unscored: number;
  /** Whose probability orders the list; score if there is none. */
  readonly by: "combined" | "calibrated" | "score";
  /** A model behind the scores was trained on data that leak. */
  readonly leak: boolean;
  /** Columns of the grades that the rule names. */
  readonly given: readonly string[];
  /** Rows of the survey that graders called lenses, and others; null without grades. */
  readonly graded: { readonly lenses: number; readonly others: number } | null;
  readonly positions: boolean;
  readonly candidates: readonly Candidate[];
}

/** @throws ArcletError when ids of one part are not in another, naming the first, and as each table's reader does */
export async function listing(parts: ListingParts): Promise<Listing> {
  const { scores, combined, dataset, grades, sampled, most } = parts;
  const survey = { table: "survey", path: scores };
  return inScratchDatabase(scores, async (connection, scratch) => {
    const file = await openTable(scores, scratch);
    const { calibrated, leak } = await explained(file, scratch, () => loadScores(connection, file));
    await connection.run("ALTER TABLE s RENAME TO survey");
    await loadImages(connection, dataset);
    if (dataset !== null) {
      const images = { table: "images", path: dataset.folder };
      await refuseStrangers(connection, survey, images, "give the dataset that was scored");
    }
    if (combined !== null) await loadCombined(connection, combined, scratch, survey);
    const by = combined !== null ? "combined" : calibrated ? "calibrated" : "score";
    const positions = await loadPositions(connection, file, dataset);
    const given = await loadOwnGrades(connection, grades, scratch);
    if (grades !== null && !sampled) {
      const graded = { table: "graded", path: grades.path };
      await refuseStrangers(connection, graded, survey, "give the grades of these rows");
    }
    await connection.run(LISTS[by]);
    const { rows, unscored, ...graded } = await counts(connection);
    return {
      ...{ rows, unscored, by, leak, given, positions },
      graded: grades === null ? null : graded,
      candidates: await candidatesOf(connection, given, most),
    };
  });
}

const list = (probability: string, join = "") =>
  `CREATE TEMP TABLE list AS SELECT survey.id, survey.score, ${probability} AS probability,
   row_number() OVER (ORDER BY ${probability} DESC NULLS LAST, survey.score DESC, survey.id) AS rank FROM survey ${join}`;
const LISTS = {
  combined: list("combined.score", "LEFT JOIN combined USING (id)"),
  calibrated: list("survey.calibrated"),
  score: list("NULL::DOUBLE"),
};

/** Makes table `images`: id, image (its row, from 0), ra, dec. */
async function loadImages(connection: DuckDBConnection, dataset: ListingParts["dataset"]): Promise<void> {
  await connection.run("CREATE TEMP TABLE images (id VARCHAR, image INTEGER, ra DOUBLE, dec DOUBLE)");
  if (dataset === null) return;
  const { ids } = dataset.domain;
  const positions = dataset.domain.positions();
  const appender = await connection.createAppender("images");
  const degrees = (value: number | null | undefined) =>
    value === null || value === undefined ? appender.appendNull() : appender.appendDouble(value);
  for (const [row, id] of ids.entries()) {
    appender.appendVarchar(id);
    appender.appendInteger(row);
    degrees(positions?.ra[row]);
    degrees(positions?.dec[row]);
    appender.endRow();
  }
  appender.closeSync();
}

/** Makes table `combined`: id, score, of the same rows as the survey. */
async function loadCombined(
  connection: DuckDBConnection,
  path: string,
  scratch: string,
  survey: Held,
): Promise<void> {
  const file = await openTable(path, scratch);
  await explained(file, scratch, () => loadScores(connection, file));
  await connection.run("ALTER TABLE s RENAME TO combined");
  const combined = { table: "combined", path };
  await refuseStrangers(connection, combined, survey, "combine tables of this survey alone");
  await refuseStrangers(connection, survey, combined, "combine these scores again");
}

/** Makes table `sky`: id, ra, dec; of the dataset, else of the score table. @returns whether any row has a position */
async function loadPositions(
  connection: DuckDBConnection,
  file: TableFile,
  dataset: ListingParts["dataset"],
): Promise<boolean> {
  const names = await columnsOf(connection, file, []);
  const { id } = await idOf(connection, file, names);
  const inTable = names.includes("ra") && names.includes("dec");
  const degrees = (name: string) => (inTable ? `TRY_CAST(${name} AS DOUBLE)` : "NULL::DOUBLE");
  const from =
    dataset?.domain.positions() !== undefined
      ? "SELECT id, ra, dec FROM images"
      : `SELECT ${id} AS id, ${degrees("ra")} AS ra, ${degrees("dec")} AS dec FROM ${file.sql}`;
  await connection.run(`CREATE TEMP TABLE sky AS ${from}`);
  const [[found] = []] = await queried(
    connection,
    "SELECT count(*) FROM sky WHERE isfinite(ra) AND isfinite(dec)",
  );
  return Number(found) > 0;
}

/** Makes table `graded`, empty without grades. @returns the columns that their rule names */
async function loadOwnGrades(
  connection: DuckDBConnection,
  grades: ListingParts["grades"],
  scratch: string,
): Promise<string[]> {
  if (grades === null) {
    await connection.run("CREATE TEMP TABLE graded (id VARCHAR, positive BOOLEAN)");
    return [];
  }
  const { path, positives } = grades;
  const file = await openTable(path, scratch);
  return explained(file, scratch, () => inOneLine(path, () => loadGrades(connection, file, positives)));
}

/** A table in DuckDB, and the user's file or folder behind it. */
interface Held {
  readonly table: string;
  readonly path: string;
}

/** @throws ArcletError when a table has ids that another lacks */
async function refuseStrangers(
  connection: DuckDBConnection,
  { table, path }: Held,
  others: Held,
  fix: string,
): Promise<void> {
  const [[count, first] = []] = await queried(
    connection,
    `SELECT count(*), min(id) FROM ${table} ANTI JOIN ${others.table} USING (id)`,
  );
  if (Number(count) === 0) return;
  throw new ArcletError({
    where: path,
    code: "conflict",
    problem: `has ${count} ids that are not in ${others.path}, the first is ${first}`,
    fix,
  });
}

async function counts(connection: DuckDBConnection) {
  const one = async (query: string) => Number((await queried(connection, query))[0]![0]);
  const graded = (condition: string) =>
    one(`SELECT count(*) FROM graded SEMI JOIN survey USING (id) WHERE ${condition}`);
  return {
    rows: await one("SELECT count(*) FROM survey"),
    unscored: await one("SELECT count(*) FROM images ANTI JOIN survey USING (id)"),
    lenses: await graded("positive"),
    others: await graded("NOT positive"),
  };
}

async function candidatesOf(
  connection: DuckDBConnection,
  given: readonly string[],
  most: number,
): Promise<Candidate[]> {
  const texts = given.map((name) => `, graded.${identifier(GIVEN + name)}`).join("");
  const found = await queried(
    connection,
    `SELECT rank, list.id, probability, score, sky.ra, sky.dec, positive, images.image${texts}
     FROM list LEFT JOIN sky USING (id) LEFT JOIN graded USING (id) LEFT JOIN images USING (id)
     WHERE rank <= ${most} OR positive ORDER BY rank`,
  );
  const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null);
  return found.map(([rank, id, probability, score, ra, dec, lens, image, ...values]) => ({
    rank: Number(rank),
    id: String(id),
    probability: number(probability),
    score: Number(score),
    ra: number(ra),
    dec: number(dec),
    lens: typeof lens === "boolean" ? lens : null,
    image: image === null ? null : Number(image),
    given: values.map((value) => (value === null ? null : String(value))),
  }));
}
