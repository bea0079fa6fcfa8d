/** Files of a shard that each hold a run of items (rows, images): `NAME-00000512.ext` begins with the 513th. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { guarded } from "../files.ts";

const DIGITS = 10;

export const partFile = (folder: string, name: string, from: number, extension: string): string =>
  join(folder, `${name}-${String(from).padStart(DIGITS, "0")}.${extension}`);

/** The parts of a name in some shards, in the order of their items. */
export function partFilesIn(folders: readonly string[], name: string, extension: string): string[] {
  const length = name.length + 1 + DIGITS + 1 + extension.length;
  return folders
    .flatMap((folder) => guarded(folder, () => readdirSync(folder)).map((file) => ({ folder, file })))
    .filter(
      ({ file }) => file.startsWith(`${name}-`) && file.endsWith(`.${extension}`) && file.length === length,
    )
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ folder, file }) => join(folder, file));
}
