/** A file of keys: what is in force, and what is refused by its line. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KEYS } from "../../src/inspect/grades.ts";
import { USUAL_KEYS } from "../../src/inspect/key-names.ts";
import { readKeys } from "../../src/inspect/keys-file.ts";
import { keyFor, setKeys, usualKey } from "../../web/src/state/keys-in-force.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
const read = (text: string) => {
  const path = join(folder, "keys.yaml");
  writeFileSync(path, text);
  return readKeys(path);
};

test("the usual keys are each of one name, and every grade and kind has one", () => {
  const all = Object.values(USUAL_KEYS).flat();
  expect(new Set(all).size).toBe(all.length);
  for (const key of Object.keys(KEYS)) expect(all).toContain(key);
});

test("a key of the file says what its name says, and the usual one says it no more", () => {
  setKeys(read("A: 1\nX: [q, End]\nundo: z\n"));
  // What a page does with the usual key q (A) it does with 1; q says X, whose usual key is r.
  expect(["1", "q", "Q", "End", "z", "w", "2", "m"].map(usualKey)).toEqual([
    "q",
    "r",
    "r",
    "r",
    "u",
    "w",
    "2",
    "m",
  ]);
  expect(["r", "u", "Backspace"].map(usualKey)).toEqual([null, null, null]);
  expect([keyFor("q"), keyFor("u"), keyFor("w")]).toEqual(["1", "z", "w"]);
  setKeys({});
  expect(usualKey("Q")).toBe("Q");
});

test("two names may exchange their keys", () => {
  expect(read("A: r\nX: q\n")).toEqual({ q: "r", r: "q" });
  expect(read("")).toEqual({});
});

test.each([
  [
    "a name that there is not",
    "A: 1\nunod: z\n",
    /keys\.yaml line 2: unod is not known, did you mean undo\?/,
  ],
  ["a key that is a word", "A: one\n", /keys\.yaml line 1: A must be one sign, or Backspace/],
  [
    "a clash with a usual key",
    "A: 1\nB: n\n",
    /keys\.yaml line 2: the key n says both B and none-of-these; give none-of-these another key as well/,
  ],
  ["a clash within the file", "A: j\nundo: J\n", /keys\.yaml line 2: the key j says both A and undo/],
  ["space given twice", "comment: ' '\n", /the key space says both candidate and comment/],
])("refused: %s", (_, text, message) => {
  expect(() => read(text)).toThrow(message);
});
