/** What made a file: the command as it was given, and the versions behind it. */
import { readFileSync } from "node:fs";
import { machine } from "../torch/index.ts";

export interface Provenance {
  [key: string]: string;
  task: string;
  command: string;
  arclet: string;
  torch: string;
  node: string;
  made: string;
}

export function provenance(task: string): Provenance {
  return {
    task,
    command: ["arclet", ...process.argv.slice(2).map(quoted)].join(" "),
    arclet: version(),
    torch: machine().torch,
    node: process.version,
    made: new Date().toISOString(),
  };
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
