/**
 * What source and target share and must not. A run on leaking data is refused, or marked in all that it leaves: its
 * configuration, its models, their scores and metrics.
 */
import { z } from "zod";
import { findLeaks, SAME_POSITION } from "../dataset/splitting/leaks/find.ts";
import { type Leak, sentence } from "../dataset/splitting/leaks/leak.ts";
import { type DatasetRows, readRows } from "../dataset/splitting/leaks/rows.ts";
import { ArcletError } from "../foundation/errors.ts";

export const leakMark = z.strictObject({
  /** Number of pairs of rows, by what they share. */
  shared: z.record(z.string(), z.number()),
  /** The first pair, in words. */
  first: z.string(),
});

/** What source and target of a training shared, as its run and model keep it. */
export type LeakMark = z.output<typeof leakMark>;

/** Added to the name of an epoch whose training leaked. */
export const LEAK = "(leak)";

/**
 * Finds ids, groups, sky positions and pixel-identical images that datasets share, or splits of one. Nearly identical
 * images are left to `arclet check`: reading costs 0.4 ms per image, and digits or images without noise are often
 * legitimately alike.
 *
 * @param folders of the run's datasets
 * @param allowed whether a leak is marked instead of refused
 * @throws ArcletError naming the first pair and how many there are
 */
export async function leakOf(folders: readonly string[], allowed: boolean): Promise<LeakMark | null> {
  const rows: DatasetRows[] = [];
  for (const folder of folders) rows.push(await readRows(folder));
  const found = await findLeaks(rows, [], { radius: SAME_POSITION, alike: null });
  const leaks = found.leaks.filter((leak) => !isHosts(leak, rows));
  const [first] = leaks;
  if (first === undefined) return null;
  if (!allowed) throw refusal(first, leaks.length);
  const shared: Record<string, number> = {};
  for (const { kind } of leaks) shared[kind] = (shared[kind] ?? 0) + 1;
  return { shared, first: sentence(first) };
}

/**
 * Whether the rows are a painted dataset's and its own hosts'. What is painted on a target, and the target without labels,
 * share galaxies by design; only the sealed rows, which are no hosts, must not be among them.
 */
function isHosts({ a, b }: Leak, datasets: readonly DatasetRows[]): boolean {
  const [first, second] = [a, b].map(({ origin }) => datasets.find((dataset) => dataset === origin)!);
  const paintedOn = (painted: DatasetRows, { info }: DatasetRows) =>
    (painted.info.provenance.hosts as { contentHash?: unknown } | undefined)?.contentHash ===
    info.contentHash;
  if (!paintedOn(first!, second!) && !paintedOn(second!, first!)) return false;
  return [a, b].every(({ origin, row }) => origin.splits?.[row] !== "test");
}

function refusal(leak: Leak, count: number): ArcletError {
  const more = count > 1 ? ` (the first of ${count} such pairs)` : "";
  const help =
    "arclet check lists them, arclet split keeps them together, --allow-leak trains anyway and marks the result";
  return new ArcletError({
    where: leak.b.origin.name,
    code: "conflict",
    problem: `shares ${sentence(leak)}${more}; rows that are trained on can't test: ${help}`,
  });
}

/** The mark in words. */
export const leakText = ({ shared, first }: LeakMark): string => {
  const kinds = Object.entries(shared).map(([kind, pairs]) => `${pairs} by ${kind}`);
  return `its datasets share what must not be shared (${kinds.join(", ")}; e.g. ${first})`;
};
