/** Every grade of every round as a table, as `arclet grades` takes it: id, grader, round, grade. */
import { writeCatalog } from "../../catalog/write.ts";
import type { Search } from "../search.ts";
import { looksOf } from "./looks.ts";

/** @returns how many rows @throws ArcletError when it can't be written */
export async function writeLooks(path: string, search: Search): Promise<number> {
  const { ids } = search.objects.domain;
  const rows = looksOf(search, search.grading.round + 1).flatMap(({ grader, looks }) =>
    [...looks].flatMap(([row, all]) =>
      all.map(({ round, grade, kind }) => [ids[row]!, grader, round, grade, kind]),
    ),
  );
  await writeCatalog(
    path,
    [
      { name: "id", type: "text", ucd: "meta.id;meta.main" },
      { name: "grader", type: "text" },
      { name: "round", type: "whole" },
      { name: "grade", type: "text", ucd: "meta.code.qual" },
      { name: "kind", type: "text" },
    ],
    rows,
  );
  return rows.length;
}
