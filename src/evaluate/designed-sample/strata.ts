/** The strata of a sample: the top, uncertain rows, then bins of all others from the best down. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { queried } from "../../catalog/duck.ts";
import { refuse } from "../../foundation/errors.ts";
import { rankEdges } from "./allocation.ts";
import type { Stratum } from "./design.ts";
import type { SampleConfig } from "./sample-config.ts";

/** A stratum before its rows are counted. */
export interface Bounds extends Pick<Stratum, "kind" | "name" | "last" | "around"> {
  /** The index of its bin; -1 for others. */
  readonly bin: number;
}

/**
 * @param rows of table `survey` (id, score), which is in the order of the ranking
 * @throws ArcletError when edges don't ascend (ranks) or descend (scores), or shares are not one for each bin
 */
export async function strataOf(
  connection: DuckDBConnection,
  rows: number,
  config: SampleConfig,
): Promise<Bounds[]> {
  const top = Math.min(config.top, rows);
  const lasts =
    config.by === "rank" ? await byRank(connection, rows, top, config) : await byScore(connection, config);
  if (config.shares !== null && config.shares.length !== lasts.length)
    refuse("select", "--shares", `${lasts.length} shares, one for each bin`, config.shares);
  const random = lasts.map((last, bin): Bounds => {
    return { kind: "random", name: `random-${bin + 1}`, last, around: null, bin };
  });
  const plain = { last: null, around: null, bin: -1 };
  const [last = null] = top === 0 ? [] : await atRanks(connection, [top]);
  const best: Bounds[] = top === 0 ? [] : [{ ...plain, kind: "top", name: "top", last }];
  const around = { probability: config.around, within: config.within };
  const uncertain: Bounds[] =
    config.uncertain === 0 ? [] : [{ ...plain, kind: "uncertain", name: "uncertain", around }];
  return [...best, ...uncertain, ...random];
}

type Lasts = Stratum["last"][];

async function byRank(
  connection: DuckDBConnection,
  rows: number,
  top: number,
  { edges, bins }: SampleConfig,
): Promise<Lasts> {
  if (edges === null) return [...(await atRanks(connection, rankEdges(rows, top, bins).slice(0, -1))), null];
  const ascend = edges.every(
    (edge, k) => Number.isInteger(edge) && edge > (k === 0 ? top : edges[k - 1]!) && edge < rows,
  );
  if (!ascend)
    refuse("select", "--edges", `ascending ranks between the top ${top} and the last, ${rows}`, edges);
  return [...(await atRanks(connection, edges)), null];
}

async function byScore(connection: DuckDBConnection, { edges, bins }: SampleConfig): Promise<Lasts> {
  const scores = edges ?? (await evenScores(connection, bins));
  if (!scores.every((edge, k) => k === 0 || edge < scores[k - 1]!))
    refuse("select", "--edges", "descending scores with --by score", edges);
  return [...scores.map((score) => ({ score, id: null })), null];
}

/** Scores that part their range in even bins, descending. */
async function evenScores(connection: DuckDBConnection, bins: number): Promise<number[]> {
  const [[low, high] = []] = await queried(connection, "SELECT min(score), max(score) FROM survey");
  const [least, most] = [Number(low), Number(high)];
  const inner = Array.from({ length: bins - 1 }, (_, b) => most + ((b + 1) / bins) * (least - most));
  return [...new Set(inner)];
}

/** The rows at these ranks, from 1. */
async function atRanks(
  connection: DuckDBConnection,
  ranks: readonly number[],
): Promise<{ score: number; id: string }[]> {
  if (ranks.length === 0) return [];
  const found = await queried(
    connection,
    `SELECT score, id FROM survey WHERE rowid IN (${ranks.map((rank) => rank - 1).join(", ")}) ORDER BY rowid`,
  );
  return found.map(([score, id]) => ({ score: Number(score), id: String(id) }));
}
