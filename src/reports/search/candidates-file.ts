/** A search's list as a table of its own. */
import type { CatalogColumn } from "../../catalog/catalog.ts";
import type { Value } from "../../catalog/table.ts";
import { writeCatalog } from "../../catalog/write.ts";
import type { Listing } from "./listing.ts";

/**
 * Writes `rank, id, probability, score, ra, dec, lens`, and what graders gave as `grades_<column>`.
 *
 * @throws ArcletError when it can't be written
 */
export async function writeCandidatesTable(path: string, { candidates, given }: Listing): Promise<void> {
  const columns: CatalogColumn[] = [
    { name: "rank", type: "whole", ucd: "meta.code" },
    { name: "id", type: "text", ucd: "meta.id;meta.main" },
    { name: "probability", type: "number", ucd: "stat.probability" },
    { name: "score", type: "number" },
    { name: "ra", type: "number", unit: "deg", ucd: "pos.eq.ra;meta.main" },
    { name: "dec", type: "number", unit: "deg", ucd: "pos.eq.dec;meta.main" },
    { name: "lens", type: "yes/no", ucd: "meta.code", description: "as graded; empty if nobody looked" },
    ...given.map((name): CatalogColumn => ({ name: `grades_${name}`, type: "text" })),
  ];
  const rows = candidates.map((one): Value[] => [
    ...[one.rank, one.id, one.probability, one.score, one.ra, one.dec, one.lens],
    ...one.given,
  ]);
  await writeCatalog(path, columns, rows);
}
