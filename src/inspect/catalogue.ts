/** What a dataset's table says of its objects, shown beside their images. */
import type { Table, Value } from "../catalog/table.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { IMAGE_HASH } from "../dataset/hash.ts";
import { unknown } from "../foundation/errors/unknown.ts";
import { refuse } from "../foundation/errors.ts";
import { CUT_COLUMNS } from "../making/cutting/columns.ts";
import type { CatalogueValue } from "./look-contract.ts";

/** Columns that are shown otherwise, or are of Arclet's own housekeeping. */
const OTHERS: ReadonlySet<string> = new Set([
  ...["id", "ra", "dec", "shard", "row", "group", "split", IMAGE_HASH],
  ...Object.keys(CUT_COLUMNS),
]);
/** The class, and all that a simulation has drawn. */
const NEVER: ReadonlySet<string> = new Set(["label", "scene"]);
/** Characters of a text. */
const LONGEST = 120;

export class Catalogue {
  readonly #table: Table;
  readonly #names: readonly string[];
  /** Whether values are shown before an object is graded: those of columns that were named. */
  readonly always: boolean;

  /**
   * @param named columns to show; null for all, once an object is graded, since some may say what it is
   * @throws ArcletError for a name that the table doesn't have, and for the class
   */
  constructor({ table, folder }: Dataset, named: readonly string[] | null) {
    for (const name of named ?? []) {
      if (NEVER.has(name)) refuse("inspect", "--columns", "columns that don't say what an object is", name);
      if (!table.has(name)) throw unknown(folder, "column", name, table.names);
    }
    this.#table = table;
    this.#names = named ?? table.names.filter((name) => !OTHERS.has(name) && !NEVER.has(name));
    this.always = named !== null;
  }

  /** Of a row: what is not empty. */
  of(row: number): CatalogueValue[] {
    return this.#names.flatMap((name) => {
      const value = this.#table.column(name)[row] ?? null;
      return value === null || value === "" ? [] : [{ name, value: textOf(value) }];
    });
  }
}

/** Numbers to six digits; whole ones, which may be ids of other catalogues, to the last. */
function textOf(value: Value): string {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  const text = String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
