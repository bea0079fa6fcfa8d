/** `arclet recipes`: the list, and a recipe as a file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-recipes-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done, refused } = commandLine(folder);

test("a line a recipe; a name prints a file that is taken as that recipe", () => {
  expect(done("recipes").stdout).toMatch(/^default +\S.*\n(.*\n)*published +\S/m);
  const { stdout } = done("recipes published");
  writeFileSync(join(folder, "own.yaml"), stdout);
  expect(done("recipes own.yaml").stdout).toBe(stdout);
});

test("a key that a recipe does not have is refused by file and name, and so is an unknown recipe", () => {
  writeFileSync(join(folder, "wrong.yaml"), "base: default\nlense: {}\n");
  refused(/wrong\.yaml.*lense.*not known/, "recipes wrong.yaml");
  refused(/defalt/, "recipes defalt");
});
