/** The command line that makes a file, as a user would type it again. */
import { fileURLToPath } from "node:url";
import { withoutSecrets } from "./secrets.ts";

/** Arclet's program, for processes of its own; the same from `src` and from `dist`. */
export const PROGRAM = fileURLToPath(new URL("../../bin/arclet.mjs", import.meta.url));

let typed: readonly string[] | null = null;

/** Runs `body` as if its command had been typed, so that files it makes name that command. */
export async function asTyped<T>(words: readonly string[], body: () => Promise<T> | T): Promise<T> {
  const before = typed;
  typed = words;
  try {
    return await body();
  } finally {
    typed = before;
  }
}

/** The words after `arclet` of the command that is running. */
export const commandWords = (): readonly string[] => typed ?? process.argv.slice(2);

/** The command that is running. */
export const commandLine = (): string => line(commandWords());

/** A command line of Arclet, quoted for a shell, without passwords. */
export const line = (words: readonly string[]): string =>
  ["arclet", ...words.map(withoutSecrets).map(quoted)].join(" ");

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
