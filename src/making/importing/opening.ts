/** An import's inputs, opened: the files of whatever kind, and the table that says what each image is. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { importTable } from "../../catalog/named.ts";
import { type ColumnType, Table, type Value } from "../../catalog/table.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { ownFileName, textOfFileName } from "../../foundation/file-name.ts";
import { FETCH_LOG } from "../fetching/manifest.ts";
import { digest, fileState } from "../file-state.ts";
import type { Candidate } from "./candidate.ts";
import { text } from "./candidates.ts";
import type { ImportConfig } from "./config.ts";
import type { ImageSource } from "./cutout.ts";
import { FitsSource } from "./fits-source.ts";
import { hashedFile } from "./identity.ts";
import { type Inputs, inputsOf, kindOf } from "./listing.ts";
import { byColumns, byNames, inStacks, type Locate } from "./locating.ts";
import { type Listed, type ListedObject, objectsOf } from "./objects.ts";
import { openStacks, type StackSource } from "./stacks.ts";

/** The file of a row of the table, and the row there if the table is of several files. */
export type FileOf = (row: number) => { file: string; fileRow?: number };

export interface Opened {
  source: ImageSource;
  table: Table;
  /** The configuration, with the classes that file names give. */
  config: ImportConfig;
  locate: Locate;
  /** Height and width of all images, if known in advance. */
  sides: [number, number] | null;
  /** The file of a row, to name it by when set aside; null if there is a table. */
  fileOf: FileOf | null;
  /** How many images are of none of these rows. */
  unlisted: (rows: Iterable<Candidate>) => number;
  /** Hash of what makes the inputs what they are, for resuming an import. */
  identity: string;
  /** Whether each image has files of its own: `identity` then knows their names, but not their state. */
  ownFiles: boolean;
  /** For provenance: files with their hashes, or how many. */
  sources: () => Record<string, string | number>[];
  /** What was guessed from names, for the user. */
  notes: string[];
}

/**
 * @param divided whether this is one of several programs that import shards of the same images
 * @throws ArcletError for missing files, bad arrays or a bad table, and for arrays that each of several programs would unpack
 */
export async function openInputs(config: ImportConfig, divided = false): Promise<Opened> {
  const inputs = inputsOf(config.images);
  if (inputs.parquet.length > 0) {
    // Loaded only here: it knows what all others know.
    const { openParquet } = await import("./parquet/open.ts");
    return openParquet(config, inputs.parquet);
  }
  if (inputs.stacks.length > 0) return openArrays(config, inputs.stacks, divided);
  if (config.fileColumns.length > 0) return openNamed(config, inputs);
  return openFiles(config, inputs);
}

const rolesOf = (config: ImportConfig): string[] => {
  const { idColumn, arrayColumn, rowColumn, groupColumn, splitColumn, labelColumn, fileColumns } = config;
  const roles = [idColumn, arrayColumn, rowColumn, groupColumn, splitColumn, labelColumn, ...fileColumns];
  return roles.filter((name) => name !== null);
};

/** Reads the table; the roles given to its columns go to the notes. */
const tableIn = (path: string, config: ImportConfig, notes: string[]): Promise<Table> =>
  importTable(path, config.idColumn, rolesOf(config), (line) => notes.push(line), config.tableHdu);

const tableSource = (config: ImportConfig) => (config.table === null ? [] : [hashedFile(config.table)]);

async function openArrays(config: ImportConfig, paths: string[], divided: boolean): Promise<Opened> {
  const source = await openStacks(paths, {
    channels: config.bands.length,
    bands: config.bands,
    layout: config.layout,
    dataset: config.dataset,
    scratch: divided ? null : `${config.out}.unpacked`,
  });
  try {
    const notes: string[] = [];
    const table = config.table === null ? tableOfStacks(source) : await tableIn(config.table, config, notes);
    return {
      source,
      table,
      config,
      locate: inStacks(table, source.stacks, config),
      sides: config.size === null ? source.commonSides() : null,
      fileOf: config.table === null ? (row) => ({ file: text(table.column("array")[row]) }) : null,
      unlisted: (rows) => source.unlisted(rows),
      identity: digest(paths.map(fileState)),
      ownFiles: false,
      sources: () => [...paths.map(hashedFile), ...tableSource(config)],
      notes,
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** A row for every image of the arrays, with its array and index as the id. */
function tableOfStacks(source: StackSource): Table {
  const columns = { id: [] as Value[], array: [] as Value[], row: [] as Value[] };
  for (const { name, shape, ids } of source.stacks.values())
    for (let i = 0; i < shape[0]!; i++) {
      columns.id.push(ids?.[i] ?? `${name.replace(/\.[^.]*$/, "")}-${String(i).padStart(7, "0")}`);
      columns.array.push(name);
      columns.row.push(i);
    }
  return tableOf([...source.stacks.keys()].join(", "), columns, { row: "whole" });
}

function tableOf(
  path: string,
  columns: Record<string, Value[]>,
  types: Record<string, ColumnType> = {},
): Table {
  const names = Object.keys(columns);
  return new Table(
    path,
    columns[names[0]!]!.length,
    new Map(Object.entries(columns)),
    new Map(names.map((name) => [name, types[name] ?? "text"])),
  );
}

/** Objects whose files are named in the table's columns. */
async function openNamed(config: ImportConfig, inputs: Inputs): Promise<Opened> {
  if (config.table === null)
    refuse("import", "table", "given, as fileColumns names columns of it", config.table);
  if (config.pattern !== null)
    refuse("import", "pattern", "left out, as fileColumns names the files", config.pattern);
  const notes: string[] = [];
  const table = await tableIn(config.table, config, notes);
  const locate = byColumns(table, inputs.folder, config);
  const first = table.column(config.fileColumns[0]!).find((name) => text(name) !== "");
  return {
    source: await sourceOf(config, text(first), inputs.folder ?? join(config.table, "..")),
    table,
    config,
    locate,
    sides: null,
    fileOf: null,
    unlisted: () => 0,
    identity: digest([inputs.folder ?? "", ...config.fileColumns]),
    ownFiles: true,
    sources: () => tableSource(config),
    notes: [...notes, `files by the table's columns ${config.fileColumns.join(", ")}`],
  };
}

/** Objects found by the names of their files. */
async function openFiles(config: ImportConfig, inputs: Inputs): Promise<Opened> {
  const where = config.images.join(", ");
  const listed = objectsOf(inputs.files, config.pattern, config.bands);
  if (listed.objects.length === 0)
    throw new ArcletError({
      where,
      code: "empty",
      problem: `no file ${config.pattern === null ? "is FITS, .npy, PNG, JPEG or TIFF" : `matches ${config.pattern}`}`,
    });
  const paths = new Map<string, string>();
  for (const { name, path } of inputs.files) {
    const before = paths.get(name);
    if (before !== undefined && before !== path)
      throw new ArcletError({
        where: "import",
        code: "conflict",
        problem: `${before} and ${path} have the same name`,
        fix: "import their folders separately",
      });
    paths.set(name, path);
  }
  const fetched = inputs.folder !== null && existsSync(join(inputs.folder, FETCH_LOG));
  const given = config.table === null ? withoutTable(listed, config, where, fetched) : null;
  const notes = [...listed.notes];
  const table = given?.table ?? (await tableIn(config.table!, config, notes));
  const byId = new Map<string, ListedObject>();
  if (given === null)
    for (const object of listed.objects) if (!byId.has(object.id)) byId.set(object.id, object);
  // `fetch` names files by ids that a file's name can't hold.
  const objectOf = (row: number, id: string) =>
    given === null ? (byId.get(id) ?? byId.get(ownFileName(id))) : listed.objects[row];
  const firstFile = listed.objects[0]!.files.find((name) => name !== undefined)!;
  return {
    source: await sourceOf(config, firstFile, inputs.folder ?? ""),
    table,
    config: given?.config ?? config,
    locate: byNames(objectOf, (name) => paths.get(name)!, config.bands),
    sides: null,
    fileOf:
      given === null
        ? null
        : (row) => ({ file: listed.objects[row]!.files.find((name) => name !== undefined)! }),
    unlisted: (rows) => (given === null ? unlistedOf(listed.objects, rows) : 0),
    identity: digest(inputs.files.map(({ path }) => path)),
    ownFiles: true,
    sources: () => [
      { files: inputs.files.length, names: digest(inputs.files.map(({ name }) => name)) },
      ...tableSource(config),
    ],
    notes,
  };
}

function unlistedOf(objects: readonly ListedObject[], rows: Iterable<Candidate>): number {
  const known = new Set<string>();
  for (const { id } of rows) known.add(id).add(ownFileName(id));
  return objects.filter(({ id }) => !known.has(id)).length;
}

/** The list of objects as a table, and the configuration for its columns. */
function withoutTable({ objects, pattern }: Listed, config: ImportConfig, path: string, fetched: boolean) {
  const columns: Record<string, Value[]> = {
    id: objects.map(({ id }) => (fetched ? textOfFileName(id) : id)),
    file: objects.map(({ files }) => files.filter((name) => name !== undefined).join(" ")),
  };
  for (const field of ["class", "split", "group"] as const)
    if (pattern?.includes(`{${field}}`)) columns[field] = objects.map((object) => object[field]);
  const classed = "class" in columns && config.labelColumn === null && config.labelFrom === null;
  const reading = { ...config, idColumn: "id", labelColumn: classed ? "class" : config.labelColumn };
  return { table: tableOf(path, columns), config: reading };
}

async function sourceOf(config: ImportConfig, firstFile: string, folder: string): Promise<ImageSource> {
  const start = folder === "" ? "" : join(folder, "/");
  const shownAs = (path: string) =>
    start !== "" && path.startsWith(start) ? path.slice(start.length) : basename(path);
  const kind = kindOf(firstFile) ?? "fits";
  if (kind === "fits") {
    const { bands, hdus } = config;
    if (hdus.length > 1 && hdus.length !== bands.length)
      refuse("import", "hdus", `one, or one per band (${bands.join(", ")})`, hdus);
    return new FitsSource(bands, hdus, shownAs);
  }
  // Loaded only here: FITS does not need the decoders of pictures.
  const { PlainSource } = await import("./plain-source.ts");
  return new PlainSource(config.bands.length, config.layout, shownAs);
}
