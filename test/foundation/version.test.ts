import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { version } from "../../src/foundation/version.ts";

test("the version is package.json's", () => {
  const { version: stated } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(version()).toBe(stated);
  expect(version()).toMatch(/^\d+\.\d+\.\d+/);
});
