/** Domains and splits that must not share anything: what a network was trained on can't test it. */
import { ArcletError } from "../../foundation/errors.ts";
import { type ImageDomain, nameOf } from "../dataset.ts";
import { type Compared, sentence } from "./leaks/leak.ts";
import { sameKeys } from "./leaks/same.ts";

/**
 * Refuses datasets that share an id, a group or an identical image, and a dataset whose splits share a group or
 * an identical image. Images are compared by the hash of their stored pixels, so between datasets of one shape
 * and pixel kind. `findLeaks` compares sky positions and nearly identical images as well.
 *
 * @throws ArcletError with the ids of the first such pair and how many pairs there are
 */
export function checkDisjoint(...domains: ImageDomain[]): void {
  const compared: Compared[] = domains.map((domain) => ({
    name: nameOf(domain),
    count: domain.count,
    ids: domain.ids,
    groups: domain.groups,
    splits: domain.splits,
    hashes: domain.imageHashes(),
    positions: null,
  }));
  for (const kind of ["id", "group", "identical"] as const) {
    const leaks = sameKeys(kind, compared);
    const first = leaks[0];
    if (first === undefined) continue;
    const more = leaks.length > 1 ? ` (the first of ${leaks.length} such rows)` : "";
    throw new ArcletError({
      where: first.b.origin.name,
      code: "conflict",
      problem: `shares ${sentence(first)}${more}; images trained on can't test`,
    });
  }
}
