/** `arclet prevalence`: how common each class is in a target without labels. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so");
const { done, refused } = commandLine(folder);

test("estimates the parts of the classes by both methods, with intervals", () => {
  const { stdout } = done("prevalence so source target --out prevalence.json");
  expect(stdout).toMatch(/^prior by bbse: not-lens .* lens .*\n(warning: .*\n)?prior by em: /);
  for (const { prior, low, high } of JSON.parse(readFileSync(join(folder, "prevalence.json"), "utf8"))) {
    expect(prior[0] + prior[1]).toBeCloseTo(1, 6);
    expect(low[1]).toBeLessThanOrEqual(high[1]);
  }
});

test("a folder that is no run is refused by name", () => {
  refused(/target: .*not an Arclet model|target: .*no model\.safetensors/, "prevalence target source target");
});
