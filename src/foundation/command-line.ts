/** The command line that a file is made by, as one would type it again. */
import { withoutSecrets } from "./secrets.ts";

let typed: string | null = null;

/** Runs `body` as if its command had been typed: what it makes is repeated by that line. */
export async function asTyped<T>(words: readonly string[], body: () => Promise<T> | T): Promise<T> {
  const before = typed;
  typed = line(words);
  try {
    return await body();
  } finally {
    typed = before;
  }
}

/** The command as it was given. */
export const commandLine = (): string => typed ?? line(process.argv.slice(2));

/** A command line of ours. */
export const line = (words: readonly string[]): string =>
  ["arclet", ...words.map(withoutSecrets).map(quoted)].join(" ");

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
