/** A sample's rows as rows of what is looked at, in the order in which to show them, and which of them are decoys. */
import { readCatalog } from "../catalog/read.ts";
import type { Table } from "../catalog/table.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { fileHash } from "../dataset/hash.ts";
import { DECOY_LABELS, type DecoyLabel } from "../evaluate/designed-sample/decoys.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { idsOf, type RowsById } from "./ids.ts";
import { type Looked, ShownImages } from "./shown-images.ts";

export interface SampleFile {
  readonly path: string;
  readonly sha256: string;
  /** Rows that are looked at, in the order in which to show them. */
  readonly rows: Int32Array;
  /** What rows are known to be that are shown as decoys. */
  readonly decoys: ReadonlyMap<number, DecoyLabel>;
}

/** A sample as it is read. */
export interface ShownSample {
  readonly path: string;
  readonly table: Table;
  /** Of each row of the table; null for what is no decoy. */
  readonly labels: readonly (DecoyLabel | null)[];
  /** Rows of the table in the order of the column `shown`, or as they are. */
  readonly order: Int32Array;
}

/** @throws ArcletError naming the row of a decoy whose label is not known */
export async function readShownSample(path: string): Promise<ShownSample> {
  const { table } = await readCatalog(path, { texts: ["decoy"] });
  const decoys = table.has("decoy") ? table.column("decoy") : [];
  const labels = Array.from({ length: table.count }, (_, k) => {
    const text = decoys[k] ?? "";
    if (text === "") return null;
    const label = DECOY_LABELS.find((one) => one === text);
    return (
      label ?? refuse({ where: path, row: k + 1 }, "decoy", `empty or ${DECOY_LABELS.join(" or ")}`, text)
    );
  });
  const shown = table.has("shown") ? table.wholes("shown") : null;
  const order = Int32Array.from(labels.keys());
  if (shown !== null) order.sort((a, b) => shown[a]! - shown[b]!);
  return { path, table, labels, order };
}

/**
 * The sample's rows in a dataset.
 *
 * @param folder the dataset's, for messages
 * @throws ArcletError naming the first row that it doesn't have
 */
export function sampleOf(sample: ShownSample, { ids }: Dataset, folder: string): SampleFile {
  const rows = rowsIn(sample, new Map(ids.map((id, row) => [id, row])), folder, (decoy) =>
    decoy
      ? "give the dataset of decoys that arclet paint wrote, by --decoy-images"
      : "give the dataset that was scored",
  );
  const { path, labels, order } = sample;
  const decoys = new Map(labels.flatMap((label, k) => (label === null ? [] : [[rows[k]!, label] as const])));
  return { path, sha256: fileHash(path), rows: order.map((k) => rows[k]!), decoys };
}

/** The dataset's row of each row of the sample. */
function rowsIn(
  { table, labels }: ShownSample,
  byId: RowsById,
  folder: string,
  fix: (decoy: boolean) => string,
): Int32Array {
  return idsOf(table, byId, folder, (k) => fix(labels[k] !== null));
}

/**
 * The sample's rows where decoys that the dataset doesn't have are of another. What is looked at gets new numbers: the sample
 * in its order first, then what else the dataset has, which tables may score.
 *
 * @throws ArcletError for a row that neither has, for one that is no decoy and not of the dataset, and if no decoy is of the
 *   other dataset
 */
export function withDecoyImages(
  sample: ShownSample,
  { dataset, folder }: { dataset: Dataset; folder: string },
  { decoys, folder: painted }: { decoys: Dataset; folder: string },
): { looked: Looked; drawn: SampleFile } {
  const { path, labels, order } = sample;
  const { count } = dataset;
  const own = new Map(dataset.ids.map((id, row) => [id, row]));
  const both = new Map([...decoys.ids.map((id, row) => [id, count + row] as const), ...own]);
  const rows = rowsIn(sample, both, `${folder} and ${painted}`, (decoy) =>
    decoy ? "give the dataset that decoys were drawn from" : "give the dataset that was scored",
  );
  refuseStrangers(sample, rows, count, painted, folder);
  const shown = order.map((k) => rows[k]!);
  const taken = new Set(shown);
  const others = Int32Array.from({ length: count }, (_, row) => row).filter((row) => !taken.has(row));
  const all = Int32Array.from([...shown, ...others]);
  return {
    looked: {
      domain: new ShownImages(dataset, decoys, all),
      source: { dataset: dataset.folder, decoys: { folder: decoys.folder, order: all } },
      tableRow: (row) => (all[row]! < count ? all[row]! : null),
      decoyImages: { name: decoys.info.name, contentHash: decoys.info.contentHash },
    },
    drawn: {
      ...{ path, sha256: fileHash(path), rows: Int32Array.from(shown.keys()) },
      decoys: new Map(
        Array.from(order, (k, row) => [row, labels[k]] as const).filter(
          (one): one is [number, DecoyLabel] => one[1] !== null,
        ),
      ),
    },
  };
}

function refuseStrangers(
  { path, labels }: ShownSample,
  rows: Int32Array,
  count: number,
  painted: string,
  folder: string,
): void {
  const stranger = rows.findIndex((row, k) => row >= count && labels[k] === null);
  if (stranger >= 0)
    throw new ArcletError({
      ...{ where: path, row: stranger + 1, code: "conflict" },
      problem: `is no decoy, and of ${painted} alone, not of ${folder}`,
      fix: "give the dataset that was scored",
    });
  if (rows.some((row) => row >= count)) return;
  throw new ArcletError({
    ...{ where: painted, code: "conflict" },
    problem: `has no decoy of ${path} that ${folder} does not have`,
    fix: "leave out --decoy-images, or draw a sample with decoys of it (arclet select --decoys)",
  });
}
