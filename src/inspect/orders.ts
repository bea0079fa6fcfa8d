/** The orders in which objects are shown. */
import { refuse } from "../foundation/errors.ts";
import { keyOf, permutation } from "../foundation/random.ts";
import type { OrderName } from "./grades.ts";
import type { Objects } from "./objects.ts";
import type { Finder } from "./score-table.ts";

export interface Order {
  by: OrderName;
  /** Which finder's scores, from 0. */
  finder: number;
  seed: number;
}

/** What people said in rounds that are over, by row; each null if nothing is known of it. */
export interface Said {
  /** How far graders' grades are apart, and their mean. */
  readonly split: ReadonlyMap<number, number> | null;
  readonly consensus: ReadonlyMap<number, number> | null;
  readonly swap: ReadonlyMap<number, number> | null;
}
const NOTHING: Said = { split: null, consensus: null, swap: null };

/** The orders that a search has, the default one first. */
export function ordersOf(
  { finders, sample, scoresTell }: Pick<Objects, "finders" | "sample" | "scoresTell">,
  said: Said = NOTHING,
): OrderName[] {
  return [
    ...(sample === null ? [] : (["sample"] as const)),
    // Decoys without a score would all come last.
    ...(finders.length === 0 || scoresTell ? [] : (["score", "uncertain"] as const)),
    ...(finders.length < 2 || scoresTell ? [] : (["disagreement"] as const)),
    ...(["split", "consensus", "swap"] as const).filter((name) => said[name] !== null),
    "random",
    ...(sample === null ? (["table"] as const) : []),
  ];
}

/** The last orders that were asked for, since sorting 100,000 rows takes longer than showing one. */
const KEPT = 8;

export class Orders {
  readonly #objects: Objects;
  readonly #kept = new Map<string, Int32Array>();

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  /** Rows of the dataset, all of the search, in an order. @throws ArcletError for one that this search doesn't have */
  rows(order: Order, said: Said = NOTHING, round = 1): Int32Array {
    const key = [order.by, order.finder, order.seed, this.#objects.finders.length, round].join(" ");
    const rows = this.#kept.get(key) ?? orderedRows(this.#objects, order, said);
    this.#kept.delete(key);
    this.#kept.set(key, rows);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return rows;
  }
}

/**
 * - `score`: from the finder's highest
 * - `uncertain`: the calibrated probability, or the score if there is none, nearest to one half first
 * - `disagreement`: finders' ranks, as shares of the rows that each has scored, furthest apart first
 * - `split`, `consensus`, `swap`: where graders of closed rounds differ most, their highest mean, the highest probability by
 *   SWAP first
 * - `random`: by the seed
 * - `sample`, `table`: as the sample says, as the dataset has them
 *
 * Rows without a value come last; those that are equal keep the dataset's order.
 */
function orderedRows(objects: Objects, { by, finder: k, seed }: Order, said: Said): Int32Array {
  const { rows, finders } = objects;
  const known = ordersOf(objects, said);
  if (!known.includes(by)) refuse("inspect", "by", `one of ${known.join(", ")}`, by);
  if (by === "sample" || by === "table") return rows;
  if (by === "random") return permutation(rows.length, keyOf(seed)).map((index) => rows[index]!);
  if (by === "split" || by === "consensus" || by === "swap")
    return sorted(rows, (row) => said[by]!.get(row) ?? Number.NaN);
  const finder = finders[k] ?? refuse("inspect", "finder", `from 0 to ${finders.length - 1}`, k);
  if (by === "score") return sorted(rows, (row) => finder.scores[row]!);
  if (by === "uncertain") return sorted(rows, (row) => -Math.abs(probability(finder, row) - 0.5));
  return sorted(rows, disagreement(finders));
}

const probability = ({ calibrated, scores }: Finder, row: number): number =>
  (calibrated === null ? scores : calibrated)[row]!;

/** The widest gap between two finders' ranks of a row, as shares; NaN for a row that fewer than two have scored. */
function disagreement(finders: readonly Finder[]): (row: number) => number {
  const counts = finders.map(({ ranks }) => ranks.reduce((most, rank) => Math.max(most, rank), 0));
  return (row) => {
    const shares = finders.flatMap(({ ranks }, k) => (ranks[row]! > 0 ? [ranks[row]! / counts[k]!] : []));
    return shares.length < 2 ? Number.NaN : Math.max(...shares) - Math.min(...shares);
  };
}

/** From the largest value; NaN last. */
function sorted(rows: Int32Array, value: (row: number) => number): Int32Array {
  const values = Float64Array.from(rows, (row) => {
    const given = value(row);
    return Number.isNaN(given) ? Number.NEGATIVE_INFINITY : given;
  });
  return Int32Array.from(rows.keys())
    .sort((a, b) => {
      const [x, y] = [values[a]!, values[b]!];
      return x === y ? rows[a]! - rows[b]! : y - x;
    })
    .map((k) => rows[k]!);
}
