/** Texts that look like YAML and would take a reader down. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readYaml } from "../../src/foundation/yaml.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-yaml-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = (text: string) => {
  const path = join(folder, "x.yaml");
  writeFileSync(path, text);
  return () => readYaml(path).values;
};

/** Each level is the one before it ten times. */
const laughs = [
  "a0: &a0 [x]",
  ...Array.from({ length: 9 }, (_, k) => `a${k + 1}: &a${k + 1} [${Array(10).fill(`*a${k}`)}]`),
];

test.each([
  ["aliases that multiply", laughs.join("\n")],
  ["a list in itself", "a: &a [*a]"],
  ["twenty thousand brackets", `a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`],
])("%s: refused in one line", (_, text) => {
  expect(read(text)).toThrow(/^\S+x\.yaml( line \d+)?: not valid YAML \([^\n]+\)$/);
});

test("an alias is read as what it stands for", () => {
  expect(read("a: &a [1, 2]\nb: *a")()).toEqual({ a: [1, 2], b: [1, 2] });
});
