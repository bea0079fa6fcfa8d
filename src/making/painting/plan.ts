/** Which hosts are painted, which are negatives, and the splits of their groups. */

import type { Split } from "../../dataset/info.ts";
import { countByKind, type SetAside } from "../../dataset/set-aside.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { keyOf, permutation, textKey } from "../../foundation/random.ts";
import type { PaintConfig } from "./config.ts";
import type { Deflector, Hosts } from "./hosts.ts";

/** What to write, in order: arcs, then unpainted deflectors, then others. */
export interface Plan {
  /** Deflectors to paint, taken in turn. */
  hosts: Deflector[];
  arcs: number;
  unpainted: Deflector[];
  /** Rows of the hosts' table. */
  others: number[];
  /** The split of each group, if it is not the hosts' own. */
  splits: ReadonlyMap<string, Split>;
}

/** Reasons for which a host is no real object to learn from. */
const UNUSABLE = new Set(["not finite", "no sky noise"]);

/** @throws ArcletError for negatives that exclude each other */
export function refuseContradictions(negatives: PaintConfig["negatives"]): void {
  if (negatives.includes("none") && negatives.length > 1)
    refuse("paint", "negatives", "none, or others of them", negatives.join(","));
  if (negatives.includes("same") && negatives.includes("kept"))
    refuse("paint", "negatives", "same or kept, not both", negatives.join(","));
}

/**
 * Chooses deflectors to paint and negatives, in an order set by the seed.
 *
 * @throws ArcletError when there is no deflector, or none to keep
 */
export function planOf(
  deflectors: readonly Deflector[],
  setAside: readonly SetAside[],
  { domain, rows }: Hosts,
  config: PaintConfig,
): Plan {
  const { seed, negatives, mostOthers } = config;
  const none = (what: string) => {
    const why = Object.entries(countByKind(setAside)).map(([kind, count]) => `${count} ${kind}`);
    throw new ArcletError({
      where: config.hosts,
      code: "empty",
      problem: `${what} (${rows.length} images${why.length > 0 ? `; ${why.join(", ")}` : ""})`,
    });
  };
  if (deflectors.length === 0) none("has no massive red galaxy to paint an arc on");
  const order = Array.from(permutation(deflectors.length, keyOf(seed, 0, 5)), (k) => deflectors[k]!);
  const kept = negatives.includes("kept") ? everySecondGroup(order, domain, seed) : new Set<string>();
  const hosts = order.filter(({ row }) => !kept.has(domain.groups[row]!));
  const unpainted = order.filter(({ row }) => kept.has(domain.groups[row]!));
  if (negatives.includes("kept") && unpainted.length === 0)
    none("has massive red galaxies of one group only, which are painted: use negatives same or none");
  const arcs = config.count ?? hosts.length;
  const real = setAside.filter(({ kind }) => !UNUSABLE.has(kind)).map(({ row }) => row);
  const others = Array.from(permutation(real.length, keyOf(seed, 0, 7)), (k) => real[k]!);
  const plan = {
    hosts,
    arcs,
    unpainted: (negatives.includes("same") ? hosts : unpainted).slice(0, arcs),
    others: negatives.includes("others") ? others.slice(0, mostOthers ?? others.length) : [],
  };
  if (negatives.includes("none")) plan.unpainted = [];
  return { ...plan, splits: splitsOf(plan, domain, config) };
}

type Domain = Hosts["domain"];

/** Every second group of each split, in the order of keys of their names, which other hosts change little. */
function everySecondGroup(deflectors: readonly Deflector[], domain: Domain, seed: number): Set<string> {
  const kept = new Set<string>();
  const split = new Map(deflectors.map(({ row }) => [domain.groups[row]!, domain.splits[row]!]));
  const groups = byKey([...split.keys()], seed);
  for (const name of ["train", "val"])
    for (const [k, group] of groups.filter((one) => split.get(one) === name).entries())
      if (k % 2 === 1) kept.add(group);
  return kept;
}

function byKey(groups: readonly string[], seed: number): string[] {
  const keys = new Map(groups.map((group) => [group, textKey(seed, group)]));
  return groups.toSorted((a, b) => keys.get(a)! - keys.get(b)! || (a < b ? -1 : 1));
}

/**
 * Hosts of a target are often all of the split train, and a source needs val rows: a fraction of the groups then goes there,
 * of those with arcs and of those without alike.
 */
function splitsOf(
  { hosts, arcs, unpainted, others }: Omit<Plan, "splits">,
  domain: Domain,
  { seed, valFraction }: PaintConfig,
): ReadonlyMap<string, Split> {
  const painted = hosts.slice(0, arcs).map(({ row }) => row);
  const rest = [...unpainted.map(({ row }) => row), ...others];
  const splits = new Map<string, Split>();
  if (valFraction === 0 || [...painted, ...rest].some((row) => domain.splits[row] !== "train")) return splits;
  const withArcs = new Set(painted.map((row) => domain.groups[row]!));
  const without = new Set(rest.map((row) => domain.groups[row]!).filter((group) => !withArcs.has(group)));
  for (const groups of [withArcs, without]) {
    const most = Math.max(groups.size > 1 ? 1 : 0, Math.round(valFraction * groups.size));
    // Another order than that of the kept ones, which would be every second of these.
    for (const group of byKey([...groups], keyOf(seed, 8)).slice(0, most)) splits.set(group, "val");
  }
  return splits;
}
