/** Scores joined to truth in DuckDB, streamed into typed arrays. */
import type { DuckDBConnection, DuckDBDataChunk, DuckDBVector } from "@duckdb/node-api";
import { literal, queried } from "../catalog/duck.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { COMPLETENESS_COLUMNS, type TruthColumns } from "./completeness.ts";

/** The judged rows, in the truth table's order. */
export interface JudgedRows {
  /** One a row (N). */
  readonly scores: Float64Array;
  /** 1 for a positive. */
  readonly positives: Uint8Array;
  /** Number of each row's sky position, from 0, by the table's column `group`, or by its id if it has no group. */
  readonly groups: Uint32Array;
  /** The score table's column `calibrated`; null if it has none. */
  readonly calibrated: Float64Array | null;
  /** What the truth table knows of its rows besides their class. */
  readonly columns: TruthColumns;
}

/** Rows of the truth that have a score, and judged ones that have none. */
export interface Matched {
  matched: number;
  missing: number;
}

/** A column of numbers that positives have. */
type Column = (typeof COMPLETENESS_COLUMNS)[number];

/**
 * Joins the tables `t` (truth), `s` (scores) and `p` (sky positions); `rowid` gives the rows the truth table's order
 * whatever the threads do.
 *
 * @param calibrated whether the scores have calibrated probabilities
 * @param kinds the kinds of the negatives; null for none
 */
export async function joinedRows(
  connection: DuckDBConnection,
  calibrated: boolean,
  kinds: readonly string[] | null,
): Promise<JudgedRows & Matched> {
  const [[all] = []] = await queried(connection, "SELECT count(*) FROM t");
  const [[positions] = []] = await queried(connection, "SELECT count(*) FROM p");
  const columns = await filledColumns(connection);
  const kind = kinds === null ? "" : `, coalesce(list_position(${list(kinds)}, t.kind), 0)::INTEGER`;
  const stream = await connection.stream(
    `SELECT t.rowid, s.score, CASE WHEN t.yes THEN 1 WHEN t.no THEN 0 ELSE ${NEITHER} END,
     coalesce(p.number, -1)::INTEGER, s.calibrated
     ${columns.map(({ column }) => `, t.${column}`).join("")}${kind}
     FROM t LEFT JOIN s USING (id) LEFT JOIN p ON t.sky_position = p.sky_position`,
  );
  const rows = new RowArrays({
    count: Number(all),
    positions: Number(positions),
    calibrated,
    columns,
    kinds,
  });
  for (let chunks = 0; ; chunks++) {
    const chunk = await stream.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    rows.add(chunk);
    if (chunks % 256 === 255) await safePoint("nothing was written");
  }
  return { matched: rows.matched, missing: rows.missing, ...rows.judged() };
}

/** The columns along which recall can be measured: some positive has a number there. */
async function filledColumns(connection: DuckDBConnection): Promise<Column[]> {
  const filled = await Promise.all(
    COMPLETENESS_COLUMNS.map(async ({ column }) => {
      const query = `SELECT count(*) FROM t WHERE yes AND isfinite(${column})`;
      return Number((await queried(connection, query))[0]![0]) > 0;
    }),
  );
  return COMPLETENESS_COLUMNS.filter((_, i) => filled[i]);
}

type Vectors = [DuckDBVector, DuckDBVector, DuckDBVector, DuckDBVector, DuckDBVector, ...DuckDBVector[]];

/** Marks a row that meets neither condition. */
const NEITHER = 2;

/** The joined rows as they come, each at its index in the truth table. */
class RowArrays {
  matched = 0;
  missing = 0;
  private readonly scores: Float64Array;
  private readonly positives: Uint8Array;
  private readonly groups: Uint32Array;
  private readonly calibrated: Float64Array | null;
  private readonly columns: readonly Column[];
  private readonly values: readonly Float64Array[];
  private readonly kinds: readonly string[] | null;
  private readonly kind: Uint16Array | null;
  private readonly positions: number;

  /** @param count rows of the truth; `positions` on the sky that have a number */
  constructor({
    count,
    positions,
    calibrated,
    columns,
    kinds,
  }: {
    count: number;
    positions: number;
    calibrated: boolean;
    columns: readonly Column[];
    kinds: readonly string[] | null;
  }) {
    this.scores = new Float64Array(count);
    this.positives = new Uint8Array(count).fill(NEITHER);
    this.groups = new Uint32Array(count);
    this.calibrated = calibrated ? new Float64Array(count) : null;
    this.columns = columns;
    this.values = columns.map(() => new Float64Array(count));
    this.kinds = kinds;
    this.kind = kinds === null ? null : new Uint16Array(count);
    this.positions = positions;
  }

  add(chunk: DuckDBDataChunk): void {
    const { scores, positives, groups, calibrated, values, kind, positions } = this;
    const vectors = Array.from({ length: chunk.columnCount }, (_, c) => chunk.getColumnVector(c)) as Vectors;
    for (let i = 0; i < chunk.rowCount; i++) {
      const row = Number(vectors[0].getItem(i));
      const score = vectors[1].getItem(i) as number | null;
      const truth = vectors[2].getItem(i) as number;
      if (score !== null) this.matched++;
      else if (truth !== NEITHER) this.missing++;
      if (score === null || truth === NEITHER) continue;
      scores[row] = score;
      positives[row] = truth;
      const position = vectors[3].getItem(i) as number;
      // A row without a group is a group of its own, numbered after the others.
      groups[row] = position >= 0 ? position : positions + row;
      if (calibrated !== null) calibrated[row] = vectors[4].getItem(i) as number;
      for (let v = 0; v < values.length; v++) values[v]![row] = vectors[5 + v]!.getItem(i) as number;
      if (kind !== null) kind[row] = vectors[5 + values.length]!.getItem(i) as number;
    }
  }

  /** Leaves out the rows that are not judged, and numbers the groups without gaps. */
  judged(): JudgedRows {
    const { positives, kinds } = this;
    const all = positives.every((truth) => truth !== NEITHER);
    const keep = <T extends Float64Array | Uint8Array | Uint16Array | Uint32Array>(values: T): T =>
      all ? values : (values.filter((_, i) => positives[i] !== NEITHER) as T);
    const groups = dense(keep(this.groups));
    const kind =
      this.kind === null ? undefined : Array.from(keep(this.kind), (k) => (k === 0 ? null : kinds![k - 1]!));
    const numbers = this.columns.map((column, v) => ({ ...column, values: keep(this.values[v]!) }));
    return {
      scores: keep(this.scores),
      positives: keep(positives),
      groups,
      calibrated: this.calibrated === null ? null : keep(this.calibrated),
      columns: kind === undefined ? { numbers } : { numbers, kind },
    };
  }
}

/** Renumbers groups without gaps, in the array itself. */
function dense(groups: Uint32Array): Uint32Array {
  let most = 0;
  for (let i = 0; i < groups.length; i++) if (groups[i]! > most) most = groups[i]!;
  const number = new Uint32Array(most + 1);
  for (let i = 0; i < groups.length; i++) number[groups[i]!] = 1;
  let next = 0;
  for (let g = 0; g <= most; g++) if (number[g] === 1) number[g] = next++;
  for (let i = 0; i < groups.length; i++) groups[i] = number[groups[i]!]!;
  return groups;
}

const list = (texts: readonly string[]): string => `[${texts.map(literal).join(", ")}]`;
