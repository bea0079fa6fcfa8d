/** What is made of files, once each: for as long as a file stays as it is. */
import { statSync } from "node:fs";
import { resolve } from "node:path";

/** @returns what gives the value of a file and of settings that it depends on: made, or as it was made before */
export function keptByFile<T>(): (file: string, settings: readonly unknown[], make: () => T) => T {
  const kept = new Map<string, { state: string; value: T }>();
  return (file, settings, make) => {
    const key = JSON.stringify([resolve(file), ...settings]);
    const state = stateOf(file);
    const before = kept.get(key);
    if (before !== undefined && before.state === state) return before.value;
    const value = make();
    kept.set(key, { state, value });
    return value;
  };
}

/** Changes whenever the file does. A file that can't be looked at is for its reader to refuse. */
function stateOf(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(" ");
  } catch {
    return "";
  }
}
