/** What a command left, file by file, apart from the times that it records. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Bytes by name, latin1. */
export type Files = Readonly<Record<string, string>>;

/** All files under a folder. Links are what they say. */
export function filesUnder(folder: string): Files {
  const files: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, name);
    const what = lstatSync(path);
    if (what.isSymbolicLink()) files[name] = readlinkSync(path, "latin1");
    else if (what.isFile()) files[name] = readFileSync(path, "latin1");
  }
  return files;
}

/** Without times, and without hashes, which cover them. */
const untimed = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, "")
    .replace(/"(seconds|dataShare)":\s*[\d.e-]+/g, "")
    .replace(/[0-9a-f]{64}/g, "");

/** How a file may differ between two undisturbed runs: not at all, by times, or in more, as a log of durations does. */
export type Likeness = "same" | "times" | "more";

export function likeness(one: string, other: string): Likeness {
  if (one === other) return "same";
  return untimed(one) === untimed(other) ? "times" : "more";
}

/** @returns what is wrong with a file that should be as another, allowing for how undisturbed ones differ; "" if nothing is */
export function unlike(found: string, whole: string, allowed: Likeness): string {
  if (allowed === "more") return found.length === 0 && whole.length > 0 ? "is empty" : "";
  const alike = likeness(found, whole);
  return alike === "same" || (alike === "times" && allowed === "times") ? "" : "differs";
}

/** A name that was drawn at random. */
const DRAWN = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g;

/**
 * What tells folders apart, apart from the process that a lock names. @param allowed how their files may differ; those that are not in it, not at all, and if it has any,
 * not but for recorded times
 */
export function digestOf(files: Files, allowed: Readonly<Record<string, Likeness>>): string {
  const hash = createHash("sha256");
  const timed = Object.keys(allowed).length > 0;
  for (const [name, bytes] of Object.entries(files)) {
    const kept = allowed[name] === "more" || name.endsWith(".lock") ? "" : timed ? untimed(bytes) : bytes;
    const called = timed ? name.replace(DRAWN, "") : name;
    hash.update(`${called.length} ${called} ${kept.length} `).update(kept, "latin1");
  }
  return hash.digest("hex");
}
