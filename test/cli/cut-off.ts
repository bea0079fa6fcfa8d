/** Programs that are stopped while they write a dataset. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environment, program, words } from "./arclet.ts";

const rowsIn = (log: string) => (existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0);

/** Starts a line that writes the dataset `out`, and sends a signal once `rows` of its rows are on the disk. */
export async function cutOff(cwd: string, line: string, out: string, rows: number, signal: NodeJS.Signals) {
  const options = { cwd, env: environment(), stdio: "ignore" } as const;
  const child = spawn("node", [program, ...words(line)], options);
  const ended = new Promise<{ code: number | null; by: string | null }>((resolve) =>
    child.on("exit", (code, by) => resolve({ code, by })),
  );
  const log = join(cwd, `${out}.partial`, "rows.jsonl");
  const watch = setInterval(() => {
    if (rowsIn(log) >= rows) child.kill(signal);
  }, 1);
  const end = await ended;
  clearInterval(watch);
  return { ...end, rows: rowsIn(log) };
}

/** A folder's files by name, to be compared byte by byte. */
export const filesOf = (path: string) =>
  Object.fromEntries(readdirSync(path).map((file) => [file, readFileSync(join(path, file), "hex")]));
