import { expect, test } from "vitest";
import { csvField, csvText } from "../../src/foundation/csv.ts";
import { inFileName, ownFileName } from "../../src/foundation/file-name.ts";

test("a CSV field is quoted where it holds a comma, a quote or the end of a line", () => {
  expect(["plain text", "a,b", 'say "yes"', "two\nlines", "cr\r", ""].map((text) => csvField(text))).toEqual([
    "plain text",
    '"a,b"',
    '"say ""yes"""',
    '"two\nlines"',
    '"cr\r"',
    "",
  ]);
});

test("in a file with tabs it is the tab that is quoted", () => {
  expect(["a,b", "a\tb", '"'].map((text) => csvField(text, "\t"))).toEqual(["a,b", '"a\tb"', '""""']);
});

test("rows are lines, and what is not there is an empty field", () => {
  const rows = [
    ["id", "x"],
    ["a,1", 0.5],
    ["", null],
    [true, undefined],
  ];
  expect(csvText(rows)).toBe('id,x\n"a,1",0.5\n,\ntrue,\n');
  expect(csvText([])).toBe("");
});

test("what a file's name should not hold becomes a dash", () => {
  expect(inFileName("adda-1.5_x")).toBe("adda-1.5_x");
  expect(inFileName("J1234+56/b é")).toBe("J1234-56-b-");
});

test("texts that differ have names of files that differ, none of them hidden or too long", () => {
  expect(ownFileName("J1234+56.7_g-a")).toBe("J1234+56.7_g-a");
  expect(ownFileName("../a b/é")).toBe("%2E.%2Fa%20b%2F%C3%A9");
  expect([ownFileName("a/b"), ownFileName("a%2Fb")]).toEqual(["a%2Fb", "a%252Fb"]);
  const [one, other] = [`${"x".repeat(200)}1`, `${"x".repeat(200)}2`].map(ownFileName);
  expect(one).toMatch(/^x{133}-[0-9a-f]{16}$/);
  expect(one).not.toBe(other);
});
