/** The datasets of an embedding, with labels only of those whose labels may be read. */

import { type ImageDomain, openDataset } from "../../dataset/dataset.ts";
import { openUnlabelled } from "../../dataset/unlabelled.ts";
import type { FeatureTable } from "../../evaluate/features/feature-table.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { keyOf, permutation } from "../../foundation/random.ts";
import { unknownId } from "../explain/choice.ts";
import { shortNames } from "../short-names.ts";
import type { EmbedValues } from "./config.ts";

export interface EmbedDomain {
  name: string;
  folder: string;
  domain: ImageDomain;
  /** As `Dataset.verify`. */
  verify: () => Promise<void>;
  /** Rows of the chosen splits; neighbours are searched among them. */
  rows: Int32Array;
  /** Rows drawn and probed. */
  sample: Int32Array;
  /** The class of a row; null if it is unknown or must not be read. */
  classOf: (row: number) => string | null;
  /** Rows of the chosen splits that are left out, since a table of features lacks them. */
  left: number;
  /** Names of the classes; empty if labels are not read. */
  classes: readonly string[];
}

/**
 * @param tables of features, which must have an object for it to be among the rows
 * @param verified whether files are checked by the datasets' hashes
 * @throws ArcletError when a folder is not a dataset or has no row of the splits, a table has features of none of them, or
 *   `labelled` names another folder
 */
export async function openDomains(
  values: EmbedValues,
  tables: readonly FeatureTable[] = [],
  verified = true,
): Promise<EmbedDomain[]> {
  const { data, splits, most, seed } = values;
  const labelled = values.labelled ?? [data[0]!];
  for (const folder of labelled)
    if (!data.includes(folder)) refuse("embed", "labelled", `some of ${data.join(", ")}`, folder);
  const names = shortNames(data);
  const opened: EmbedDomain[] = [];
  try {
    for (const [d, folder] of data.entries()) {
      const entry = labelled.includes(folder) ? await labelledDomain(folder) : await unlabelledDomain(folder);
      const empty = { rows: new Int32Array(), sample: new Int32Array(), left: 0 };
      opened.push({ ...entry, ...empty, name: names[d]!, folder });
      const all = entry.domain.rows(...splits);
      if (all.length === 0) refuse(folder, "splits", "splits that hold rows", splits);
      const rows = knownRows(folder, entry.domain, all, tables);
      const order = permutation(rows.length, keyOf(seed, 12, d))
        .slice(0, most)
        .sort();
      Object.assign(opened[d]!, { rows, sample: order.map((i) => rows[i]!), left: all.length - rows.length });
    }
    if (verified) for (const { verify } of opened) await verify();
    return opened;
  } catch (error) {
    closeDomains(opened);
    throw error;
  }
}

function knownRows(
  folder: string,
  { ids }: ImageDomain,
  all: Int32Array,
  tables: readonly FeatureTable[],
): Int32Array {
  const rows = all.filter((row) => tables.every(({ rowOf }) => rowOf.has(ids[row]!)));
  if (rows.length > 0) return rows;
  const table = tables.find(({ rowOf }) => !all.some((row) => rowOf.has(ids[row]!))) ?? tables[0]!;
  throw new ArcletError({
    where: table.path,
    code: "conflict",
    problem: `has features of none of the ${all.length} rows of ${folder}: its ids look like ${[...table.rowOf.keys()][0]}, the dataset's like ${ids[all[0]!]}`,
  });
}

export function closeDomains(domains: readonly EmbedDomain[]): void {
  for (const { domain } of domains) domain.close();
}

type Opened = Pick<EmbedDomain, "domain" | "verify" | "classOf" | "classes">;

async function unlabelledDomain(folder: string): Promise<Opened> {
  const domain = await openUnlabelled(folder);
  return { domain, verify: () => domain.verify(), classOf: () => null, classes: [] };
}

/** Labels of the test split stay sealed. */
async function labelledDomain(folder: string): Promise<Opened> {
  const dataset = await openDataset(folder);
  const labelOf = new Map<number, number>();
  const rows = dataset.labelledRows("train", "val");
  for (const [i, label] of dataset.labels(rows).entries()) labelOf.set(rows[i]!, label);
  const { classes } = dataset.info;
  const verify = () => dataset.verify();
  return { domain: dataset, verify, classOf: (row) => classes[labelOf.get(row) ?? -1] ?? null, classes };
}

/**
 * The dataset and row of an object.
 *
 * @throws ArcletError when no dataset has the id among its rows, or two have
 */
export function findId(domains: readonly EmbedDomain[], id: string): { domain: number; row: number } {
  const matches = domains.flatMap(({ domain, rows }, d) => {
    const row = domain.ids.indexOf(id);
    return row >= 0 && rows.includes(row) ? [{ domain: d, row }] : [];
  });
  if (matches.length > 1) refuse("embed", "neighbours", `an id of one dataset, not of ${matches.length}`, id);
  return (
    matches[0] ??
    unknownId(
      "embed --neighbours",
      id,
      domains.flatMap(({ domain, rows }) => Array.from(rows, (row) => domain.ids[row]!)),
    )
  );
}
