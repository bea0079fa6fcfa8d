import { expect, test } from "vitest";
import { csvField, csvText } from "../../src/foundation/csv.ts";
import { inFileName, ownFileName } from "../../src/foundation/file-name.ts";

test("a CSV field is quoted if it holds a comma, a quote or a line break", () => {
  expect(["plain text", "a,b", 'say "yes"', "two\nlines", "cr\r", ""].map((text) => csvField(text))).toEqual([
    "plain text",
    '"a,b"',
    '"say ""yes"""',
    '"two\nlines"',
    '"cr\r"',
    "",
  ]);
});

test("in a TSV file fields with a tab are quoted", () => {
  expect(["a,b", "a\tb", '"'].map((text) => csvField(text, "\t"))).toEqual(["a,b", '"a\tb"', '""""']);
});

test("rows are lines, and a missing value is an empty field", () => {
  const rows = [
    ["id", "x"],
    ["a,1", 0.5],
    ["", null],
    [true, undefined],
  ];
  expect(csvText(rows)).toBe('id,x\n"a,1",0.5\n,\ntrue,\n');
  expect(csvText([])).toBe("");
});

test("characters that don't belong in a file name become a dash", () => {
  expect(inFileName("adda-1.5_x")).toBe("adda-1.5_x");
  expect(inFileName("J1234+56/b é")).toBe("J1234-56-b-");
});

test("different texts have different file names, none of them hidden or too long", () => {
  expect(ownFileName("J1234+56.7_g-a")).toBe("J1234+56.7_g-a");
  expect(ownFileName("../a b/é")).toBe("%2E.%2Fa%20b%2F%C3%A9");
  expect([ownFileName("a/b"), ownFileName("a%2Fb")]).toEqual(["a%2Fb", "a%252Fb"]);
  const [one, other] = [`${"x".repeat(200)}1`, `${"x".repeat(200)}2`].map(ownFileName);
  expect(one).toMatch(/^x{133}-[0-9a-f]{16}$/);
  expect(one).not.toBe(other);
});
