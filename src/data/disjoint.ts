/** Domains and splits that must not share anything: what was trained on can't test. */
import { ArcletError } from "../foundation/errors.ts";
import { type ImageDomain, nameOf } from "./dataset.ts";

interface Seen {
  domain: ImageDomain;
  row: number;
}

/**
 * Refuses datasets that share an id, a group or an identical image, and a dataset whose splits share a group or
 * an identical image. Images are compared by the hash of their stored pixels, so between datasets of one shape
 * and pixel kind.
 *
 * @throws ArcletError with the ids of the first such pair and how many pairs there are
 */
export function checkDisjoint(...domains: ImageDomain[]): void {
  for (const what of ["id", "group", "image"] as const) {
    const seen = new Map<string, Seen>();
    let shared = 0;
    let first: [Seen, Seen] | undefined;
    for (const domain of domains) {
      keysOf(domain, what).forEach((key, row) => {
        const before = seen.get(key);
        if (before === undefined) {
          seen.set(key, { domain, row });
          return;
        }
        const sameDomain = before.domain === domain;
        if (sameDomain && (what === "id" || before.domain.splits[before.row] === domain.splits[row])) return;
        shared++;
        first ??= [before, { domain, row }];
      });
    }
    if (first !== undefined) throw new ArcletError(sentence(what, first, shared));
  }
}

function keysOf(domain: ImageDomain, what: "id" | "group" | "image"): readonly string[] {
  if (what === "id") return domain.ids;
  return what === "group" ? domain.groups : domain.imageHashes();
}

function sentence(what: "id" | "group" | "image", [a, b]: [Seen, Seen], shared: number): string {
  const ids = [a, b].map(
    ({ domain, row }) => `${domain.ids[row]} in ${nameOf(domain)} ${domain.splits[row]}`,
  );
  const which = what === "image" ? "the same image" : `${what} ${JSON.stringify(keyOf(a, what))}`;
  const more = shared > 1 ? ` (the first of ${shared} such rows)` : "";
  return `${nameOf(b.domain)}: shares ${which}: ${ids.join(" and ")}${more}; what is trained on can't test`;
}

const keyOf = ({ domain, row }: Seen, what: "id" | "group") =>
  what === "id" ? domain.ids[row] : domain.groups[row];
