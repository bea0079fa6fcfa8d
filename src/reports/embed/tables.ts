/** An embedding's numbers: points as CSV, probes as a table and as JSON, neighbours as CSV. */
import { csvText } from "../../foundation/csv.ts";
import type { Table } from "../../pictures/table.ts";
import type { EmbedDomain } from "./domains.ts";
import type { EmbeddedRun } from "./runs.ts";

export function embeddingCsv(domains: readonly EmbedDomain[], runs: readonly EmbeddedRun[]): string {
  const { names, of } = placesOf(domains);
  const rows: unknown[][] = [
    ["run", "dataset", "id", "class", "pca_1", "pca_2", "umap_1", "umap_2", ...names],
  ];
  for (const { name, pca, umap } of runs) {
    let i = 0;
    for (const [d, { name: dataset, domain, sample, classOf }] of domains.entries())
      for (const row of sample) {
        const points = [pca?.coordinates, umap].flatMap((values) => [values?.[2 * i], values?.[2 * i + 1]]);
        rows.push([name, dataset, domain.ids[row], classOf(row), ...points, ...of(d, row)]);
        i++;
      }
  }
  return csvText(rows);
}

/** Columns of positions, and a row's: none if no dataset has any. */
function placesOf(domains: readonly EmbedDomain[]): {
  names: readonly string[];
  of: (domain: number, row: number) => readonly (number | null)[];
} {
  const all = domains.map(({ domain }) => domain.positions());
  if (all.every((positions) => positions === undefined)) return { names: [], of: () => [] };
  const of = (domain: number, row: number) => [all[domain]?.ra[row] ?? null, all[domain]?.dec[row] ?? null];
  return { names: ["ra", "dec"], of };
}

export function probeTable(domains: readonly EmbedDomain[], runs: readonly EmbeddedRun[]): Table {
  const rows = runs.flatMap(({ name, domainProbes, classProbes }) => [
    ...domainProbes.map(({ domain, probe }) => ({
      name,
      what: `${domains[domain]!.name} from ${domains[0]!.name}`,
      probe,
    })),
    ...classProbes.map(({ domain, positive, probe }) => ({
      name,
      what: `${positive} from the rest, within ${domains[domain]!.name}`,
      probe,
    })),
  ]);
  return {
    columns: ["run", "told apart", "AUROC", "rows"],
    rows: rows.map(({ name, what, probe }) => [
      name,
      what,
      { value: probe.auroc, low: probe.low, high: probe.high },
      probe.counts[0] + probe.counts[1],
    ]),
  };
}

export const probesOf = (domains: readonly EmbedDomain[], runs: readonly EmbeddedRun[]) => ({
  version: 1,
  runs: runs.map(({ name, path, domainProbes, classProbes, pca }) => ({
    run: path,
    name,
    domain: domainProbes.map(({ domain, probe }) => ({
      source: domains[0]!.folder,
      against: domains[domain]!.folder,
      ...probe,
    })),
    class: classProbes.map(({ domain, positive, probe }) => ({
      within: domains[domain]!.folder,
      positive,
      ...probe,
    })),
    varianceShares: pca?.shares ?? null,
  })),
});

export function neighbourCsv(
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
  ids: readonly string[],
): string {
  const { names, of } = placesOf(domains);
  const rows: unknown[][] = [["run", "of", "rank", "dataset", "id", "distance", ...names]];
  for (const { name, neighbours } of runs)
    for (const [k, id] of ids.entries())
      for (const [n, { domain, row, distance }] of neighbours[k]!.entries()) {
        const { name: dataset, domain: images } = domains[domain]!;
        rows.push([name, id, n + 1, dataset, images.ids[row], distance, ...of(domain, row)]);
      }
  return csvText(rows);
}
