import { expect, test } from "vitest";
import { cardOf, Header } from "../../src/sky/fits-header.ts";

const headerOf = (...lines: string[]) =>
  new Header([...lines, "END"].map((line) => line.padEnd(80)).join(""));

test("cards of every kind in the standard are read", () => {
  const header = headerOf(
    "OBJECT  = 'O''Neill '          / a quote inside",
    "SLASH   = 'a / b   '           / not a comment inside quotes",
    "EXPTIME =        2.5D3",
    "NUMBER  = -12 / whole",
    "TRUE    =                    T",
    "EMPTY   =                      / undefined",
    "HIERARCH ESO TEL ALT = 71.5 / degrees",
    "COMMENT   several words",
    "HISTORY = 3",
    "COMPLEX = (1.0, 2.0)",
  );
  expect(header.cards).toHaveLength(10);
  expect(header.cards[0]).toEqual({ key: "OBJECT", value: "O'Neill", comment: "a quote inside" });
  expect(header.get("SLASH")).toBe("a / b");
  expect(header.get("EXPTIME")).toBe(2500);
  expect(header.get("NUMBER")).toBe(-12);
  expect(header.get("TRUE")).toBe(true);
  expect(header.get("EMPTY")).toBeNull();
  expect(header.get("ESO TEL ALT")).toBe(71.5);
  expect(header.cards[7]).toEqual({ key: "COMMENT", value: null, comment: "several words" });
  expect(header.get("COMPLEX")).toBe("(1.0, 2.0)");
  expect(header.get("NONE")).toBeUndefined();
});

test("a long text may span cards; of two cards the first counts; nothing counts after END", () => {
  const header = headerOf(
    "LONG    = 'begins &'",
    "CONTINUE  'and ends' / so",
    "A       = 1",
    "A       = 2",
    "END",
    "B = 3",
  );
  expect(header.get("LONG")).toBe("begins and ends");
  expect(header.get("A")).toBe(1);
  expect(header.get("B")).toBeUndefined();
});

test("a written card is read back", () => {
  for (const value of ["it's", "", 1.5e-7, -3, true, false]) {
    const text = cardOf("KEY", value, "why");
    expect(text).toHaveLength(80);
    expect(headerOf(text).cards[0]).toEqual({ key: "KEY", value, comment: "why" });
  }
});
