/** docs/words.md: the phrases that must not return, looked for in the source and in every document. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs", "words.md"), "utf8");

/** The first column of the table under a heading; a cell may name several words. */
function firstColumn(heading: string): string[] {
  const section = page.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
  return [...section.matchAll(/^\| `(.*?)\|/gm)].flatMap(([, cell]) =>
    [...`\`${cell}`.matchAll(/`([^`]+)`/g)].map(([, word]) => word!),
  );
}

/** A file's prose on one line: without the marks of comments, so that a phrase is found across a line's end. */
const prose = (text: string): string =>
  text
    .replace(/\n\s*(\*|\/\/|>|#)?\s*/g, " ")
    .replace(/" \+ "|`/g, "")
    .replace(/\s+/g, " ")
    .toLowerCase();

const within = (folder: string, ending: string): string[] =>
  (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
const documents = readdirSync(root).filter((name) => name.endsWith(".md"));

const files = new Map(
  [...within("src", ".ts"), ...within("docs", ".md"), ...documents]
    .filter((file) => file !== join("docs", "words.md"))
    .map((file) => [file, readFileSync(join(root, file), "utf8")]),
);
const phrases = firstColumn("Phrases that must not return");

test("the table has phrases, and files are read", () => {
  expect(phrases.length).toBeGreaterThan(50);
  expect(files.size).toBeGreaterThan(500);
  expect(prose("a\n * wished\n// completeness")).toBe("a wished completeness");
  expect(prose('"is gone " +\n  "on with"')).toBe('"is gone on with"');
});

test("no phrase of the table is in the source or in a document", () => {
  const texts = [...files].map(([file, text]) => [file, ` ${prose(text)} `] as const);
  const found = phrases.flatMap((phrase) => {
    const word = new RegExp(
      `(?<![\\w-])${phrase.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`,
    );
    return texts.filter(([, text]) => word.test(text)).map(([file]) => `${file}: ${phrase}`);
  });
  expect(found).toEqual([]);
});

/** Where old names may stand: the changelog, superseded results, and what reads or refuses what they named. */
const READERS = [
  "CHANGELOG.md",
  "docs/results/archive/",
  "src/dataset/set-aside.ts",
  "src/train/earlier-names.ts",
  "docs/decisions/",
];

test.each(["quarantine", "openTarget", "arclet/data"])("the old name %s is gone", (name) => {
  expect(firstColumn("Old names")).toContain(name);
  const found = [...files].filter(
    ([file, text]) =>
      new RegExp(`${name}(?![a-z])`).test(text) && !READERS.some((place) => file.startsWith(place)),
  );
  expect(found.map(([file]) => file)).toEqual([]);
});
