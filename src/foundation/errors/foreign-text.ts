/**
 * Other libraries' messages, shortened to one line. Only this file looks into such a text, and nothing is decided by it:
 * what an error means follows from its code or from where it was thrown.
 */
import { oneLine } from "./show.ts";

/** A library's message on one line, without the full stop that would end up in the middle of our sentence. */
export const foreignText = (error: unknown): string => {
  const text = oneLine(error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
  return text === "" ? "no reason given" : text;
};

/** DuckDB's message without its kind (`Conversion Error: `) and without the query and the hints that follow. */
export function duckText(error: Error): string {
  const text = error.message.replace(/^[A-Z][A-Za-z ]* Error: /, "");
  return foreignText(text.split("\n").find((line) => line.trim() !== "") ?? text);
}

/** HDF5 lists a stack of calls: the message of the innermost. */
export function hdf5Text(error: Error): string {
  const calls = [...error.message.matchAll(/in H5\w+\(\): ([^\n]+)/g)];
  return foreignText(calls.at(-1)?.[1] ?? error.message.split("\n")[0]);
}
