/** Score tables as one, by id. Nothing is dropped: a row that one table lacks has no score there. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArcletError } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { Input } from "./inputs.ts";
import { readScoreColumn, type ScoreColumn } from "./score-column.ts";

export interface JoinedScores {
  /** Of every row that any table has, in the order in which they occur first (N). */
  readonly ids: readonly string[];
  /** Index by id. */
  readonly rowOf: ReadonlyMap<string, number>;
  /** A column an input, NaN where it has no score (M of N). */
  readonly scores: readonly Float64Array[];
  /** Degrees, NaN where unknown: of the first table that has them; null if none has. */
  readonly positions: { readonly ra: Float64Array; readonly dec: Float64Array } | null;
  readonly leak: boolean;
  /** Ids whose grades each input's finder learned from. */
  readonly learned: readonly ReadonlySet<string>[];
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

/** @throws ArcletError as `readScoreColumn`, and for a table that shares no id with the others */
export async function joinTables(inputs: readonly Input[]): Promise<JoinedScores> {
  const scratch = mkdtempSync(join(tmpdir(), "arclet-combine-"));
  try {
    const tables: ScoreColumn[] = [];
    for (const input of inputs) {
      await safePoint("nothing was written");
      tables.push(await readScoreColumn(input, scratch));
    }
    return joined(inputs, tables);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function joined(inputs: readonly Input[], tables: readonly ScoreColumn[]): JoinedScores {
  const rowOf = new Map<string, number>();
  for (const { ids } of tables) for (const id of ids) if (!rowOf.has(id)) rowOf.set(id, rowOf.size);
  const count = rowOf.size;
  const scatter = (table: ScoreColumn, values: Float64Array, out: Float64Array) => {
    for (const [i, id] of table.ids.entries()) {
      const row = rowOf.get(id)!;
      if (Number.isNaN(out[row]!)) out[row] = values[i]!;
    }
    return out;
  };
  const empty = () => new Float64Array(count).fill(Number.NaN);
  const scores = tables.map((table) => scatter(table, table.scores, empty()));
  refuseStrangers(inputs, tables);
  const placed = tables.flatMap((table) => (table.positions === null ? [] : [{ table, ...table.positions }]));
  const positions = placed.length === 0 ? null : { ra: empty(), dec: empty() };
  for (const { table, ra, dec } of placed) {
    scatter(table, ra, positions!.ra);
    scatter(table, dec, positions!.dec);
  }
  const notes = inputs.flatMap(({ name }, k) => {
    const missing = scores[k]!.reduce((sum, score) => sum + Number(Number.isNaN(score)), 0);
    return missing === 0 ? [] : [`${name} has no score for ${missing} of ${count} rows`];
  });
  const leak = tables.some((table) => table.leak);
  const learned = tables.map((table) => table.learned);
  return { ids: [...rowOf.keys()], rowOf, scores, positions, leak, learned, notes };
}

function refuseStrangers(inputs: readonly Input[], tables: readonly ScoreColumn[]): void {
  if (tables.length < 2) return;
  for (const [k, { ids }] of tables.entries()) {
    const others = new Set(tables.flatMap((table, j) => (j === k ? [] : table.ids)));
    if (ids.some((id) => others.has(id))) continue;
    throw new ArcletError({
      where: inputs[k]!.path,
      code: "conflict",
      problem: `shares no id with the other tables: its ids look like ${ids[0]}, theirs like ${[...others][0]}`,
    });
  }
}
