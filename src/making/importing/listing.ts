/** The files of an import: from folders, from lists, or named one by one. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ArcletError } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";

export interface ListedFile {
  path: string;
  /** Path below the given folder, with `/`; for a single file its own name. */
  name: string;
}

const STACK = /\.(npy|npz|h5|hdf5|hdf)$/i;
const PARQUET = /\.parquet$/i;
const LIST = /\.(txt|lst|list)$/i;

/** What a file is, by its extension. */
export type FileKind = "fits" | "npy" | "picture";
const KINDS: readonly (readonly [FileKind, RegExp])[] = [
  ["fits", /\.(fits?|fts)(\.gz|\.fz)?$/i],
  ["npy", /\.npy$/i],
  ["picture", /\.(png|jpe?g|tiff?)$/i],
];

export const kindOf = (name: string): FileKind | undefined =>
  KINDS.find(([, extension]) => extension.test(name))?.[0];

/** A file's name without folder and extension; `.fits.gz` and the like count as one. */
export const stemOf = (name: string): string =>
  name
    .split("/")
    .at(-1)!
    .replace(/\.(gz|fz)$/i, "")
    .replace(/(?<=.)\.[^.]*$/, "");

export interface Inputs {
  /** Files of many images each. */
  stacks: string[];
  /** Tables with images in their columns; of a folder that has no other images. */
  parquet: string[];
  /** Files of one image or band each, sorted. */
  files: ListedFile[];
  /** The first given folder, which a table's file names are relative to; null: the table's own. */
  folder: string | null;
}

/**
 * The files that an import's paths stand for. A folder is searched with its subfolders; a `.txt` has a file per line.
 *
 * @throws ArcletError when one is missing, or arrays of many images or tables with images are mixed with files of one
 */
export function inputsOf(paths: readonly string[]): Inputs {
  const inputs: Inputs = { stacks: [], parquet: [], files: [], folder: null };
  for (const path of paths) {
    if (guarded(path, () => statSync(path)).isDirectory()) {
      const names = namesIn(path);
      const tables = names.filter((name) => PARQUET.test(name));
      if (tables.length > 0 && !names.some((name) => kindOf(name) !== undefined)) {
        inputs.parquet.push(...tables.map((name) => join(path, name)));
        continue;
      }
      inputs.folder ??= path;
      for (const name of names) inputs.files.push({ path: join(path, name), name });
    } else if (PARQUET.test(path)) inputs.parquet.push(path);
    else if (STACK.test(path)) inputs.stacks.push(path);
    else if (LIST.test(path)) for (const file of listIn(path)) inputs.files.push(file);
    else inputs.files.push({ path, name: basename(path) });
  }
  if (inputs.parquet.length > 0 && inputs.stacks.length + inputs.files.length > 0)
    throw new ArcletError({
      where: "import",
      code: "conflict",
      problem: `${inputs.parquet[0]} is a table with images in it`,
      fix: "import it separately from other images; a table that describes images is --table",
    });
  if (inputs.stacks.length > 0 && (inputs.files.length > 0 || inputs.folder !== null))
    throw new ArcletError({
      where: "import",
      code: "conflict",
      problem: `${inputs.stacks[0]} is an array of many images`,
      fix: "import it separately from files of one image each",
    });
  return inputs;
}

/** Names of all files below a folder, sorted by code points. */
function namesIn(folder: string): string[] {
  const names: string[] = [];
  const walk = (below: string) => {
    const path = join(folder, below);
    for (const entry of guarded(path, () => readdirSync(path, { withFileTypes: true }))) {
      if (entry.name.startsWith(".")) continue;
      const name = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) walk(name);
      else names.push(name);
    }
  };
  walk("");
  return names.sort();
}

function listIn(path: string): ListedFile[] {
  const lines = guarded(path, () => readFileSync(path, "utf8")).split(/\r?\n/);
  const names = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  return names.map((name) => ({ path: resolve(dirname(path), name), name }));
}
