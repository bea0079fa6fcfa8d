/** Features of a search's objects from another program's table, as those of a finder are asked for. */
import type { ImageDomain } from "../dataset/dataset.ts";
import { type FeatureTable, readFeatures } from "../evaluate/features/feature-table.ts";
import { ArcletError } from "../foundation/errors.ts";
import type { FeatureSource } from "./alike.ts";

export class TableFeatures implements FeatureSource {
  readonly sha256: string;
  /** Those of the search's rows that the table has. */
  readonly rows: Int32Array;
  readonly path: string;
  readonly #table: FeatureTable;
  readonly #ids: readonly string[];

  private constructor(table: FeatureTable, ids: readonly string[], rows: Int32Array) {
    this.sha256 = table.sha256;
    this.rows = rows;
    this.path = table.path;
    this.#table = table;
    this.#ids = ids;
  }

  /** @throws ArcletError as `readFeatures`, and for a table that has none of the objects */
  static async open(text: string, { ids, folder }: ImageDomain, rows: Int32Array): Promise<TableFeatures> {
    const table = await readFeatures(text);
    const known = rows.filter((row) => table.rowOf.has(ids[row]!));
    if (known.length === 0)
      throw new ArcletError({
        where: table.path,
        code: "conflict",
        problem: `has features of none of the ${rows.length} objects of ${folder}: its ids look like ${[...table.rowOf.keys()][0]}, the dataset's like ${ids[rows[0]!]}`,
      });
    return new TableFeatures(table, ids, known);
  }

  async features(rows: readonly number[]): Promise<Float32Array<ArrayBuffer>> {
    const { width, values, rowOf, path } = this.#table;
    const picked = new Float32Array(rows.length * width);
    for (const [k, row] of rows.entries()) {
      const at = rowOf.get(this.#ids[row]!);
      if (at === undefined)
        throw new ArcletError({
          where: path,
          code: "absent",
          problem: `has no features of ${this.#ids[row]}`,
        });
      picked.set(values.subarray(at * width, (at + 1) * width), k * width);
    }
    return picked;
  }
}
