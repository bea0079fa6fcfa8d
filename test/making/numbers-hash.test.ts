import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT } from "../../src/lensing/recipes/default.ts";
import { numbersHash } from "../../src/making/numbers-hash.ts";
import type { Survey } from "../../src/sky/survey.ts";
import { surveys } from "../../src/sky/surveys/registry.ts";

const survey: Survey = surveys.find("cfhtls");

test("a number of the survey or of the recipe changes it", () => {
  const own = numbersHash(survey, DEFAULT);
  expect(own).toMatch(/^[0-9a-f]{16}$/);
  expect(numbersHash(structuredClone(survey), structuredClone(DEFAULT))).toBe(own);
  expect(numbersHash({ ...survey, zeroPoint: survey.zeroPoint + 0.01 }, DEFAULT)).not.toBe(own);
  expect(numbersHash(survey, undefined)).not.toBe(own);
});

test("so does the content of a PSF file", () => {
  const file = join(mkdtempSync(join(tmpdir(), "arclet-numbers-")), "psf.npy");
  const psf = { kind: "image" as const, files: [file] };
  const own = { ...survey, bands: survey.bands.map((band) => ({ ...band, psf })) };
  writeFileSync(file, "one");
  const before = numbersHash(own, DEFAULT);
  writeFileSync(file, "two");
  expect(numbersHash(own, DEFAULT)).not.toBe(before);
});
