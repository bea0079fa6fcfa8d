/** What made a file: the command as it was given, and the versions behind it. */
import { version } from "../foundation/version.ts";
import { machine } from "../torch/machine.ts";

export interface Provenance {
  [key: string]: string;
  task: string;
  command: string;
  arclet: string;
  torch: string;
  node: string;
  made: string;
}

let told: string | null = null;

/** Runs `body` as if its command had been typed: what it makes is repeated by that line. */
export async function asTyped<T>(words: readonly string[], body: () => Promise<T> | T): Promise<T> {
  const before = told;
  told = line(words);
  try {
    return await body();
  } finally {
    told = before;
  }
}

/** A command line of ours. */
export const line = (words: readonly string[]): string => ["arclet", ...words.map(quoted)].join(" ");

export function provenance(task: string): Provenance {
  return {
    task,
    command: told ?? line(process.argv.slice(2)),
    arclet: version(),
    torch: machine().torch,
    node: process.version,
    made: new Date().toISOString(),
  };
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
