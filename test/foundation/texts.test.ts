import { expect, test } from "vitest";
import { csvField } from "../../src/foundation/csv.ts";
import { inFileName } from "../../src/foundation/file-name.ts";

test("a CSV field is quoted where it holds a comma, a quote or the end of a line", () => {
  expect(["plain text", "a,b", 'say "yes"', "two\nlines", "cr\r", ""].map(csvField)).toEqual([
    "plain text",
    '"a,b"',
    '"say ""yes"""',
    '"two\nlines"',
    '"cr\r"',
    "",
  ]);
});

test("what a file's name should not hold becomes a dash", () => {
  expect(inFileName("adda-1.5_x")).toBe("adda-1.5_x");
  expect(inFileName("J1234+56/b é")).toBe("J1234-56-b-");
});
