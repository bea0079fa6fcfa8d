/** Where each row's image is: in an array, or in files by its id or by columns. */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { Table } from "../../catalog/table.ts";
import { refuse, show } from "../../foundation/errors.ts";
import { optional, type Refusal, text } from "./candidates.ts";
import type { ImportConfig } from "./config.ts";
import type { ImageLocation } from "./cutout.ts";
import type { ListedObject } from "./objects.ts";
import type { Stack } from "./stack.ts";

export type Locate = (row: number, id: string) => ImageLocation | Refusal;

/** Rows of a table whose images are in arrays. @throws ArcletError when a column is missing */
export function inStacks(
  table: Table,
  stacks: ReadonlyMap<string, Pick<Stack, "name" | "shape" | "ids">>,
  config: ImportConfig,
): Locate {
  const files = optional(table, config.arrayColumn, "array");
  const rows = optional(table, config.rowColumn, "row");
  if (files === undefined && stacks.size > 1)
    refuse(
      table.path,
      "columns",
      "with one that names each image's array, as there are several",
      table.names,
    );
  const only = [...stacks.values()][0]!;
  if (rows === undefined && stacks.size === 1 && only.ids !== undefined) return byImageNames(only);
  if (files !== undefined && rows === undefined)
    refuse(table.path, "columns", "with one that gives each image's row in its array", table.names);
  const filesOf = new Map([...stacks.values()].map((stack) => [stack, [stack.name]] as const)); // one list for all rows
  return (row) => {
    const file = files === undefined ? only.name : text(files[row]);
    const stack = stacks.get(file) ?? stacks.get(file.split("/").pop()!);
    if (stack === undefined) return { kind: "array not given", detail: ` (${show(file)})` };
    const index = rows === undefined ? row : Number(text(rows[row]) || Number.NaN);
    if (!Number.isInteger(index))
      return { kind: "row is not a whole number", detail: ` (${show(rows![row])})` };
    const length = stack.shape[0]!;
    if (index < 0 || index >= length)
      return {
        kind: "no such image",
        detail: ` (${stack.name} has rows 0 to ${length - 1}, not ${index})`,
      };
    return { files: filesOf.get(stack)!, index };
  };
}

/** Rows whose images have their ids as names. */
function byImageNames({ name, ids = [] }: Pick<Stack, "name" | "ids">): Locate {
  const indices = new Map(ids.map((id, index) => [id.normalize("NFC"), index]));
  return (_, id) => {
    const index = indices.get(id.normalize("NFC"));
    if (index === undefined)
      return { kind: "no such image", detail: ` (${name} has none named ${show(id)})` };
    return { files: [name], index };
  };
}

/** Rows of a table that names their files, relative to the given folder, or else to the table's own. */
export function byColumns(table: Table, folder: string | null, config: ImportConfig): Locate {
  const { fileColumns, bands } = config;
  if (fileColumns.length !== 1 && fileColumns.length !== bands.length)
    refuse("import", "fileColumns", `one, or one per band (${bands.join(", ")})`, fileColumns);
  const columns = fileColumns.map((name) => table.column(name));
  const base = folder ?? dirname(table.path);
  return (row) => {
    const names = columns.map((column) => text(column[row]));
    const missing = names.indexOf("");
    if (missing >= 0) return { kind: "no file", detail: ` (column ${fileColumns[missing]} is empty)` };
    return { files: names.map((name) => spelt(isAbsolute(name) ? name : join(base, name))), index: 0 };
  };
}

/** A file's path as its folder spells it: accents may be signs of their own (NFD) there, but not in the table. */
function spelt(path: string): string {
  if (!/[^ -~]/.test(path) || existsSync(path)) return path;
  const forms = ["NFC", "NFD"].map((form) => path.normalize(form));
  return forms.find((form) => existsSync(form)) ?? path;
}

/** Rows, or objects without a table, whose files were found by their names. */
export function byNames(
  objectOf: (row: number, id: string) => ListedObject | undefined,
  pathOf: (name: string) => string,
  bands: readonly string[],
): Locate {
  return (row, id) => {
    const object = objectOf(row, id);
    if (object === undefined) return { kind: "no such file", detail: ` (of ${show(id)})` };
    const missing = bands.filter((_, k) => k < object.files.length && object.files[k] === undefined);
    if (missing.length > 0 && object.files.length > 1)
      return { kind: "band missing", detail: ` (no file of ${missing.join(", ")})` };
    return { files: object.files.map((name) => pathOf(name!)), index: 0 };
  };
}
