/** The documents hold together: links lead somewhere, paths that they name exist, lines are not too long. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const DOCUMENTS = [
  "README.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
/** Old layouts and old results name what is no longer there. */
const ABOUT_THE_PAST = /^CHANGELOG\.md$|^docs\/results\/archive\//;
/** Named in the documents before they are merged. To be emptied. */
const COMING: readonly string[] = [];
const WIDTH = 100;

const text = (document: string) => readFileSync(document, "utf8");
const withoutCode = (markdown: string) => markdown.replace(/^( *)```[\s\S]*?^\1```/gm, "");

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(document: string): string[] {
  return [...withoutCode(text(document)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}

/** What is wrong with a page's relative links. */
function brokenLinks(document: string): string[] {
  const links = [...withoutCode(text(document)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split("#") as [string, string?];
    const file = path === "" ? document : join(dirname(document), path);
    if (!existsSync(file)) return true;
    return anchor !== undefined && !anchorsOf(file).includes(anchor);
  });
}

/** Files and folders of the repository that a page names in backticks. */
function absentPaths(document: string): string[] {
  const named = [...withoutCode(text(document)).matchAll(/`((?:src|test|native|scripts|bench)\/[\w./-]*)`/g)];
  return named
    .map(([, path]) => path!.replace(/\/$/, ""))
    .filter((path) => !existsSync(path) && !COMING.includes(path));
}

/** Lines of prose that are too long; a table's row, a link or code that can't be broken may be. */
function longLines(document: string): string[] {
  return withoutCode(text(document))
    .split("\n")
    .filter((line) => line.length > WIDTH && !line.startsWith("|") && line.trim().includes(" "));
}

describe.each(DOCUMENTS)("%s", (document) => {
  test("its links lead to files and headings that exist", () => {
    expect(brokenLinks(document)).toEqual([]);
  });

  test.runIf(!ABOUT_THE_PAST.test(document))("the paths that it names exist", () => {
    expect(absentPaths(document)).toEqual([]);
  });

  test(`its prose is at most ${WIDTH} characters wide`, () => {
    expect(longLines(document)).toEqual([]);
  });
});

test("a heading's anchor is GitHub's", () => {
  expect(anchorsOf("docs/tutorial.md")).toContain("6-how-good-is-it");
  expect(anchorsOf("docs/decisions/foundation.md")).toContain("foundation-stands-above-torch");
});

test("the index of results has every page and table", () => {
  const index = text("docs/results/README.md");
  const files = readdirSync("docs/results").filter((name) => name !== "README.md");
  expect(files.filter((name) => !index.includes(`(${name}`))).toEqual([]);
});
