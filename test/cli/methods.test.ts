/** `arclet methods`: the list, and a method's settings. */
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { commandLine } from "./arclet.ts";

const { done, refused } = commandLine(tmpdir());

test("every method has a line with its paper", () => {
  const lines = done("methods").stdout.trimEnd().split("\n");
  const names = lines.map((line) => line.split(" ")[0]);
  expect(names).toEqual(expect.arrayContaining(["source-only", "adda", "dann", "adamatch"]));
  expect(new Set(names).size).toBe(names.length);
  expect(lines.find((line) => line.startsWith("adda "))).toMatch(
    /\[Tzeng et al\. 2017 \(arXiv:1702\.05464\)\]$/,
  );
});

test("a method's settings are flags of train, with their defaults and the deeplense preset's", () => {
  const { stdout } = done("methods adda");
  expect(stdout).toMatch(/^adda: .*\n.*1702\.05464/);
  expect(stdout).toMatch(/^ {2}--adda\.epochs \(\d+.*\): /m);
  expect(stdout).toMatch(/^ {2}--adda\.\S+ \(.*, deeplense .*\): /m);
});

test("an unknown method is refused with the nearest", () => {
  refused(/did you mean adda\?/, "methods addda");
});
