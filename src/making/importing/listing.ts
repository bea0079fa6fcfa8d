/** The files of an import: of folders, of lists, or named one by one. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ArcletError } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";

export interface ListedFile {
  path: string;
  /** From the folder that was given, with `/`; a single file's is its own name. */
  name: string;
}

const STACK = /\.(npy|npz|h5|hdf5|hdf)$/i;
const LIST = /\.(txt|lst|list)$/i;

/** What a file is, by its name. */
export type FileKind = "fits" | "npy" | "picture";
const KINDS: readonly (readonly [FileKind, RegExp])[] = [
  ["fits", /\.(fits?|fts)(\.gz|\.fz)?$/i],
  ["npy", /\.npy$/i],
  ["picture", /\.(png|jpe?g|tiff?)$/i],
];

export const kindOf = (name: string): FileKind | undefined =>
  KINDS.find(([, ending]) => ending.test(name))?.[0];

/** A file's name without folder and ending, `.fits.gz` and the like taken as one. */
export const stemOf = (name: string): string =>
  name
    .split("/")
    .at(-1)!
    .replace(/\.(gz|fz)$/i, "")
    .replace(/(?<=.)\.[^.]*$/, "");

export interface Inputs {
  /** Files of many images each. */
  stacks: string[];
  /** Files of one image or band each, sorted. */
  files: ListedFile[];
  /** The first folder that was given, from which a table's file names count; null: the table's own. */
  folder: string | null;
}

/**
 * What the paths of an import stand for. A folder is searched with its folders; a `.txt` names a file a line.
 *
 * @throws ArcletError when one is missing, or arrays of many images stand beside files of one
 */
export function inputsOf(paths: readonly string[]): Inputs {
  const inputs: Inputs = { stacks: [], files: [], folder: null };
  for (const path of paths) {
    if (guarded(path, () => statSync(path)).isDirectory()) {
      inputs.folder ??= path;
      for (const name of namesIn(path)) inputs.files.push({ path: join(path, name), name });
    } else if (STACK.test(path)) inputs.stacks.push(path);
    else if (LIST.test(path)) for (const file of listIn(path)) inputs.files.push(file);
    else inputs.files.push({ path, name: basename(path) });
  }
  if (inputs.stacks.length > 0 && (inputs.files.length > 0 || inputs.folder !== null))
    throw new ArcletError({
      where: "import",
      code: "conflict",
      problem: `${inputs.stacks[0]} is an array of many images`,
      fix: "import it apart from files of one image each",
    });
  return inputs;
}

/** Names of all files below a folder, sorted by code points. */
function namesIn(folder: string): string[] {
  const found: string[] = [];
  const walk = (below: string) => {
    const path = join(folder, below);
    for (const entry of guarded(path, () => readdirSync(path, { withFileTypes: true }))) {
      if (entry.name.startsWith(".")) continue;
      const name = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) walk(name);
      else found.push(name);
    }
  };
  walk("");
  return found.sort();
}

function listIn(path: string): ListedFile[] {
  const lines = guarded(path, () => readFileSync(path, "utf8")).split(/\r?\n/);
  const names = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  return names.map((name) => ({ path: resolve(dirname(path), name), name }));
}
