/** Decoys: objects whose class is known, shown among the others to see how often graders err. They are never counted. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { idText } from "../../catalog/id-text.ts";
import { readCatalog } from "../../catalog/read.ts";
import { rolesOf } from "../../catalog/roles.ts";
import type { Table, Value } from "../../catalog/table.ts";
import { TABLE_FILE } from "../../dataset/info.ts";
import { refuse } from "../../foundation/errors.ts";
import { keyOf, permutation } from "../../foundation/random.ts";

/** What a decoy is known to be. */
export const DECOY_LABELS = ["lens", "not-lens"] as const;
export type DecoyLabel = (typeof DECOY_LABELS)[number];

export interface Decoy {
  readonly id: string;
  readonly label: DecoyLabel;
  /** Degrees; null if unknown. */
  readonly ra: number | null;
  readonly dec: number | null;
  /** The object whose image it is a version of, as arclet paint writes it; null if it says none. */
  readonly host: string | null;
}

/** The table of decoys: that of a dataset, if its folder is given. */
export function decoysTable(path: string): string {
  const table = join(path, TABLE_FILE);
  return existsSync(table) ? table : path;
}

/** Reads a table with ids and labels. @throws ArcletError naming the row of an id that is missing or another label */
export async function readDecoys(path: string): Promise<Decoy[]> {
  const catalog = await readCatalog(path);
  const { table } = catalog;
  const { id } = rolesOf(catalog);
  if (id === undefined) return refuse(path, "columns", "a list with an id column", table.names);
  const labels = table.texts("label");
  const hosts = table.has("host") ? table.column("host") : null;
  const seen = new Map<string, number>();
  return labels.map((label, row) => {
    const where = { where: path, row: row + 1 };
    const text = idText(table.column(id)[row], where, id, table.isSingle(id));
    if (text === "") refuse(where, id, "given", null);
    if (seen.has(text))
      refuse({ ...where, id: text }, id, `another than that of row ${seen.get(text)}`, text);
    seen.set(text, row + 1);
    const known = DECOY_LABELS.find((one) => one === label);
    if (known === undefined) return refuse(where, "label", DECOY_LABELS.join(" or "), label);
    const [ra, dec] = [degrees(table, "ra", row), degrees(table, "dec", row)];
    return { id: text, label: known, ra, dec, host: hosts?.[row]?.toString() || null };
  });
}

function degrees(table: Table, column: string, row: number): number | null {
  const value: Value | undefined = table.has(column) ? table.column(column)[row] : null;
  return typeof value === "number" ? value : null;
}

/**
 * Draws decoys so that they are a share `rate` of all that is shown. One that is in the sample anyway is not shown twice: it
 * counts there, as what its stratum makes it. Two versions of one object would tell that one of them was made: no decoy has
 * its host in the sample, or shares it with another decoy.
 *
 * @throws ArcletError when there are too few
 */
export function drawDecoys(
  path: string,
  decoys: readonly Decoy[],
  sampled: ReadonlySet<string>,
  { rate, seed }: { rate: number; seed: number },
): Decoy[] {
  const needed = Math.max(1, Math.round((rate / (1 - rate)) * sampled.size));
  const others = decoys
    .filter(({ id, host }) => !sampled.has(id) && !(host !== null && sampled.has(host)))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const hosts = new Set<string>();
  const drawn = Array.from(permutation(others.length, keyOf(seed, DECOYS)), (k) => others[k]!).filter(
    ({ host, id }) => {
      const object = host ?? id;
      const isNew = !hosts.has(object);
      hosts.add(object);
      return isNew;
    },
  );
  if (drawn.length < needed)
    refuse(
      path,
      "rows",
      `${needed} or more that are not in the sample, for --decoy-rate ${rate}`,
      drawn.length,
    );
  return drawn.slice(0, needed);
}
const DECOYS = 2;
