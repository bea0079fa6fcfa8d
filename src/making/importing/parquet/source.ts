/** Images in the columns of Parquet files, read a block of rows at a time. */
import { inOneLine, openDuckDB, parquetSource } from "../../../catalog/duck.ts";
import { foreignError } from "../../../foundation/errors/foreign.ts";
import { ArcletError } from "../../../foundation/errors.ts";
import { type Cutout, Flaw, flawOf, type ImageLocation, type ImageSource } from "../cutout.ts";
import { channelsFirst, type Layout, laidOut } from "../layout.ts";
import { decodePicture, type Planes } from "../pictures.ts";
import { chosen, together } from "../plain-source.ts";
import { type Cell, cellsIn } from "./cells.ts";
import { type ImageColumn, selected } from "./columns.ts";

/** Bytes that a block holds, about. */
const BLOCK_BYTES = 2 ** 26;
/** The most rows of a block: those of DuckDB's vectors. */
const MOST_ROWS = 2048;

/** Files are read once: DuckDB would keep what it read of them in memory. */
const NOTHING_KEPT = { enable_external_file_cache: "false" };

interface Block {
  file: string;
  from: number;
  rows: Cell[][];
}

/** A file of the import. */
export interface ParquetFile {
  path: string;
  /** As messages name it. */
  name: string;
  rows: number;
  /** Of the image columns of a row, unpacked, on average. */
  rowBytes: number;
}

export class ParquetSource implements ImageSource {
  readonly onSky = false;
  readonly #database: Awaited<ReturnType<typeof openDuckDB>>;
  readonly #files: ReadonlyMap<string, ParquetFile>;
  readonly #columns: readonly ImageColumn[];
  readonly #channels: number;
  readonly #layout: Layout;
  #block: Block | null = null;

  private constructor(
    database: Awaited<ReturnType<typeof openDuckDB>>,
    files: readonly ParquetFile[],
    columns: readonly ImageColumn[],
    { channels, layout }: { channels: number; layout: Layout },
  ) {
    this.#database = database;
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#columns = columns;
    this.#channels = channels;
    this.#layout = layout;
  }

  static async open(
    files: readonly ParquetFile[],
    columns: readonly ImageColumn[],
    options: { channels: number; layout: Layout },
  ): Promise<ParquetSource> {
    return new ParquetSource(
      await openDuckDB(":memory:", files[0]!.path, NOTHING_KEPT),
      files,
      columns,
      options,
    );
  }

  nameOf({ files, index }: ImageLocation): string {
    return `${this.#files.get(files[0]!)!.name} row ${index + 1}`;
  }

  async read(locations: readonly ImageLocation[]): Promise<(Cutout | Flaw)[]> {
    const cutouts: (Cutout | Flaw)[] = [];
    // A row by itself is looked at before the import; what follows it is not needed.
    const alone = locations.length === 1;
    for (const location of locations)
      cutouts.push(this.cutout(await this.cellsOf(location, alone), location));
    return cutouts;
  }

  close(): void {
    this.#database.close();
  }

  private async cellsOf({ files, index }: ImageLocation, alone: boolean): Promise<readonly Cell[]> {
    const file = this.#files.get(files[0]!)!;
    const block = this.#block;
    if (block?.file !== file.path || index < block.from || index >= block.from + block.rows.length) {
      this.#block = null; // its memory is free before the next one takes some
      const fit = Math.max(1, Math.min(MOST_ROWS, Math.floor(BLOCK_BYTES / Math.max(1, file.rowBytes))));
      this.#block = await this.blockFrom(file, index, alone ? 1 : Math.min(fit, file.rows - index));
    }
    return this.#block!.rows[index - this.#block!.from]!;
  }

  private async blockFrom({ path, name }: ParquetFile, from: number, count: number): Promise<Block> {
    const parts = this.#columns.flatMap(selected).join(", ");
    const source = parquetSource(path, "file_row_number = true");
    const query = `SELECT ${parts} FROM ${source} WHERE file_row_number BETWEEN ${from} AND ${from + count - 1}`;
    const rows: Cell[][] = [];
    await inOneLine(path, async () => {
      const result = await this.#database.connection.stream(query);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        rows.push(...cellsIn(chunk, this.#columns));
      }
    });
    if (rows.length !== count)
      throw new ArcletError({
        where: path,
        code: "broken",
        problem: `gave ${rows.length} of the ${count} rows from row ${from + 1} on: did ${name} change?`,
      });
    return { file: path, from, rows };
  }

  private cutout(cells: readonly Cell[], location: ImageLocation): Cutout | Flaw {
    const perColumn = cells.length === 1 ? this.#channels : 1;
    const read: Planes[] = [];
    const names = this.#columns.map(({ name }) => `column ${name}`);
    for (const [k, cell] of cells.entries()) {
      const planes = this.planes(cell, this.#columns[k]!, perColumn, location);
      if (planes instanceof Flaw)
        return cells.length === 1 ? planes : new Flaw(planes.kind, `${names[k]}: ${planes.detail}`);
      read.push(planes);
    }
    return together(read, names, cells.length === 1 ? "a column's images" : "one column per band");
  }

  private planes(cell: Cell, column: ImageColumn, wanted: number, location: ImageLocation): Planes | Flaw {
    const { values, path, isEmpty } = cell;
    if (isEmpty)
      return path === null
        ? new Flaw("no image", `column ${column.name} is empty`)
        : new Flaw("no image", `column ${column.name} names a file (${path}) in place of its bytes`);
    if (column.kind === "numbers") return this.array(cell, wanted, location);
    try {
      const { buffer, byteOffset, byteLength } = values!;
      return chosen(
        decodePicture(Buffer.from(buffer, byteOffset, byteLength), this.nameOf(location)),
        wanted,
      );
    } catch (error) {
      return flawOf(foreignError(location.files[0]!, error, "broken"));
    }
  }

  /** Numbers in lists of lists, or in one list: a square image then. */
  private array({ sides, values }: Cell, channels: number, location: ImageLocation): Planes | Flaw {
    if (values === null) return new Flaw("wrong shape", "its lists differ in length, or hold nothing");
    const shape = sides.length === 1 ? squareOf(values.length, channels, this.#layout) : sides;
    if (shape === null)
      return new Flaw("wrong shape", `${values.length} numbers, ${channels} square planes were expected`);
    try {
      const laid = laidOut(this.nameOf(location), [1, ...shape], channels, this.#layout);
      const { height, width } = laid;
      return { channels, height, width, values: channelsFirst(values, channels, laid) };
    } catch (error) {
      if (!(error instanceof ArcletError) || error.code === "missing") throw error;
      return new Flaw("wrong shape", `(${sides.join(", ")}), ${channels} channels were expected`);
    }
  }
}

/** The shape of a square image in a flat list; one whose order isn't said is refused as one that can be read both ways. */
function squareOf(length: number, channels: number, layout: Layout): number[] | null {
  const side = Math.round(Math.sqrt(length / channels));
  if (side === 0 || side * side * channels !== length) return null;
  if (channels === 1) return [side, side];
  if (layout === "auto")
    throw new ArcletError({
      where: "import",
      code: "missing",
      problem: "flat lists of numbers can be read both ways",
      fix: "give layout hwc or chw",
    });
  return layout === "hwc" ? [side, side, channels] : [channels, side, side];
}
