/**
 * Other libraries' messages, made short enough for one line. This is the only place that looks into such a text, and it
 * decides nothing: what an error means follows from its code or from where it was thrown.
 */
import { oneLine } from "./show.ts";

/** What a library says, on one line, without the full stop that would stand in the middle of our sentence. */
export const foreignText = (error: unknown): string => {
  const text = oneLine(error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
  return text === "" ? "no reason given" : text;
};

/** DuckDB's message without its kind (`Conversion Error: `) and without the query and the hints that follow. */
export function duckText(error: Error): string {
  const text = error.message.replace(/^[A-Z][A-Za-z ]* Error: /, "");
  return foreignText(text.split("\n").find((line) => line.trim() !== "") ?? text);
}

/** Of the stack of calls that HDF5 lists, what the innermost one says. */
export function hdf5Text(error: Error): string {
  const calls = [...error.message.matchAll(/in H5\w+\(\): ([^\n]+)/g)];
  return foreignText(calls.at(-1)?.[1] ?? error.message.split("\n")[0]);
}
