/**
 * Patterns of names with wildcards, matched in time that grows with the name times the pattern. (A regular expression of many
 * `*` tries all ways to divide a name among them.)
 */
import { ArcletError } from "./errors.ts";

/** A part of a pattern. What a name stands for is told when it matches. */
export type PatternPart =
  | { kind: "text"; text: string }
  /** Any text without the separator, of at least this many characters. */
  | { kind: "any"; name: string | null; least: 0 | 1 }
  /** One of these, the first that leads to a match. */
  | { kind: "choice"; name: string | null; options: readonly string[] }
  /** The same text as the part of that name before it. */
  | { kind: "same"; name: string };

/** Attempts to give fields that come twice their texts: a pattern needs few. */
const MOST_STEPS = 200_000;

/**
 * @param separator that `any` doesn't reach over; null for none
 * @param where who asks, for messages
 * @returns for a text the named parts' texts, each the longest from the left on; null where it doesn't match as a whole
 * @throws ArcletError when a field that comes twice can have too many texts
 */
export function wildcard(
  parts: readonly PatternPart[],
  separator: string | null,
  where: string,
): (text: string) => Record<string, string> | null {
  const lastSame = parts.findLastIndex(({ kind }) => kind === "same");
  return (text) => {
    const can = endings(parts, separator, text);
    if (can[0]![0] === 0) return null;
    const found: Record<string, string> = {};
    let steps = 0;
    const go = (j: number, i: number): boolean => {
      const part = parts[j];
      if (part === undefined) return i === text.length;
      if (++steps > MOST_STEPS) throw tooMany(where, text);
      for (const end of ends(part, text, i, can[j + 1]!, separator, found)) {
        if ("name" in part && part.name !== null && part.kind !== "same")
          found[part.name] = text.slice(i, end);
        // After the last field that must be the same, whatever can match does.
        if (go(j + 1, end)) return true;
        if (j > lastSame) return false;
      }
      return false;
    };
    return go(0, 0) ? found : null;
  };
}

/** By part and place: whether the parts from there on can match the text from there on, if none had to be the same. */
function endings(parts: readonly PatternPart[], separator: string | null, text: string): Uint8Array[] {
  const n = text.length;
  const can = Array.from({ length: parts.length + 1 }, () => new Uint8Array(n + 1));
  can[parts.length]![n] = 1;
  for (let j = parts.length - 1; j >= 0; j--) {
    const part = parts[j]!;
    const [now, next] = [can[j]!, can[j + 1]!];
    if (part.kind === "text" || part.kind === "choice") {
      const options = part.kind === "text" ? [part.text] : part.options;
      for (const one of options)
        for (let end = one.length; end <= n; end++)
          if (next[end] === 1 && text.startsWith(one, end - one.length)) now[end - one.length] = 1;
      continue;
    }
    // First with none, then with one character at least.
    let after = 0;
    for (let i = n; i >= 0; i--) {
      const more = i < n && text[i] !== separator ? after : 0;
      after = next[i]! | more;
      now[i] = part.kind === "same" || part.least === 1 ? more : after;
    }
  }
  return can;
}

/** Where a part that begins at `i` may end, the preferred place first. */
function* ends(
  part: PatternPart,
  text: string,
  i: number,
  next: Uint8Array,
  separator: string | null,
  found: Readonly<Record<string, string>>,
): Generator<number, void> {
  if (part.kind === "any") {
    let end = separator === null ? text.length : text.indexOf(separator, i);
    if (end < 0) end = text.length;
    for (; end >= i + part.least; end--) if (next[end] === 1) yield end;
    return;
  }
  const options =
    part.kind === "text" ? [part.text] : part.kind === "choice" ? part.options : [found[part.name]!];
  for (const one of options) if (text.startsWith(one, i) && next[i + one.length] === 1) yield i + one.length;
}

const tooMany = (where: string, text: string) =>
  new ArcletError({
    where,
    code: "argument",
    field: "pattern",
    problem: `fits ${JSON.stringify(text)} in too many ways`,
    fix: "put a text between its fields",
  });
