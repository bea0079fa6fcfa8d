import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { ArcletError } from "../../src/foundation/errors.ts";
import { readSurvey, surveyYaml } from "../../src/sky/survey-file.ts";
import { surveyNamed, surveys } from "../../src/sky/surveys/registry.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-survey-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "mine.yaml");

const LINES = {
  name: "mine",
  title: "A survey of mine",
  source: "a night in May",
  pixelScale: "0.3",
  zeroPoint: "27",
  moffatBeta: "3",
  bands: "[{ name: r, seeing: 0.9, skySigma: 0.2, skyBrightness: 21 }]",
  display: "{ bands: [r], scales: [1], Q: 1, alpha: 1 }",
};
function written(changes: Record<string, string | null> = {}): string {
  const lines = Object.entries({ ...LINES, ...changes }).filter(([, value]) => value !== null);
  writeFileSync(path, lines.map(([key, value]) => `${key}: ${value}`).join("\n"));
  return path;
}
function refusal(changes: Record<string, string | null>): string {
  try {
    readSurvey(written(changes));
  } catch (error) {
    expect(error).toMatchObject({ name: "ArcletError", where: path });
    return (error as ArcletError).reason;
  }
  throw new Error("was read");
}
const band = (text: string) => ({
  bands: `[{ name: r, seeing: 0.9, skySigma: 0.2, skyBrightness: 21, ${text} }]`,
});

test("a file may be given in place of a survey's name; omitted fields have their defaults", () => {
  const survey = surveyNamed(written());
  expect(survey).toMatchObject({ name: "mine", noiseScatter: 0.1 });
  expect(survey.bands[0]).toEqual({
    name: "r",
    seeing: 0.9,
    seeingScatter: 0.08,
    skySigma: 0.2,
    skyBrightness: 21,
  });
});

test("every built-in survey is written and read back unchanged", () => {
  for (const survey of surveys.list) {
    writeFileSync(path, surveyYaml(survey, "two\nlines"));
    expect(readSurvey(path)).toEqual(survey);
  }
});

test("errors for wrong values name file, field and range", () => {
  expect(refusal({ pixelScale: "-1" })).toBe("pixelScale must be a number, > 0, got -1");
  expect(refusal({ pixelScale: "wide" })).toBe('pixelScale must be a number, > 0, got "wide"');
  expect(refusal({ zeroPoint: null })).toBe("zeroPoint is missing; it must be a number");
  expect(refusal(band("seeingScatter: 2"))).toBe("bands[0].seeingScatter must be a number, 0 to 1, got 2");
  expect(refusal({ bands: "[]" })).toBe("bands must be a list of values, of length 1 or more, got []");
  expect(refusal({ bands: "r" })).toBe('bands must be a list of values, of length 1 or more, got "r"');
  expect(refusal(band("psf: { kind: moffat, beta: 0.5 }"))).toBe(
    "bands[0].psf.beta must be a number, > 1 and at most 100, got 0.5",
  );
  expect(refusal(band("psf: { kind: airy }"))).toBe(
    'bands[0].psf.kind must be one of gaussian, moffat, image, got "airy"',
  );
  expect(refusal({ defects: "{ masked: 1.5 }" })).toBe("defects.masked must be a number, 0 to 1, got 1.5");
});

test("an error names the field's line", () => {
  const text = readFileSync(written({ pixelScale: "-1" }), "utf8").split("\n");
  const line = 1 + text.findIndex((textLine) => textLine.startsWith("pixelScale"));
  expect(() => readSurvey(path)).toThrow(`mine.yaml line ${line}: pixelScale must be`);
});

test("an unknown key is refused with the nearest known one, at any depth", () => {
  expect(refusal({ pixelscale: "0.3" })).toBe("pixelscale is not known, did you mean pixelScale?");
  expect(refusal(band("skysigma: 1"))).toBe(
    "bands[0].skysigma is not known, did you mean bands[0].skySigma?",
  );
  expect(refusal({ defects: "{ maskd: 0.1 }" })).toBe(
    "defects.maskd is not known, did you mean defects.masked?",
  );
  expect(refusal(band("psf: { kind: moffat, beta: 3, elipticity: 0.1 }"))).toBe(
    "bands[0].psf.elipticity is not known, did you mean bands[0].psf.ellipticity?",
  );
  expect(refusal({ zzzzzzzz: "1" })).toBe("zzzzzzzz is not known");
});

test("a survey that contradicts itself is refused", () => {
  expect(refusal({ display: "{ bands: [g], scales: [1], Q: 1, alpha: 1 }" })).toBe(
    'display.bands must be from the survey\'s bands (r), got "g"',
  );
  expect(refusal({ display: "{ bands: [r], scales: [1, 1, 1], Q: 1, alpha: 1 }" })).toMatch(
    /display\.scales must be one/,
  );
  const twice = "{ name: r, seeing: 0.9, skySigma: 0.2, skyBrightness: 21 }";
  expect(refusal({ bands: `[${twice}, ${twice}]` })).toBe('bands must be unique by name, got "r"');
  expect(refusal({ noiseCorrelation: "[[0.9, 0.1]]" })).toBe("noiseCorrelation[0][0] must be 1, got 0.9");
  expect(refusal({ noiseCorrelation: "[[1, 0.1], [0.1]]" })).toMatch(
    /noiseCorrelation must be rows of equal length/,
  );
});

test("paths of a PSF's files are relative to the survey's folder", () => {
  expect(refusal(band("psf: { kind: image, files: [none.fits] }"))).toBe(
    `bands[0].psf.files must be files that exist, got "${join(folder, "none.fits")}"`,
  );
  writeFileSync(join(folder, "psf.fits"), "");
  const { psf } = readSurvey(written(band("psf: { kind: image, files: [psf.fits] }"))).bands[0]!;
  expect(psf).toEqual({ kind: "image", files: [join(folder, "psf.fits")] });
});

test("a missing file, or one that is not YAML, is refused in one line", () => {
  writeFileSync(path, "name: [1,\n");
  expect(() => readSurvey(path)).toThrow(/mine\.yaml line \d+: not valid YAML/);
  writeFileSync(path, "3");
  expect(() => readSurvey(path)).toThrow(/mine\.yaml: the survey must be keys and values, got 3/);
  expect(() => surveyNamed(join(folder, "none.yaml"))).toThrow(/none\.yaml: no such file/);
  expect(() => surveyNamed("eucld")).toThrow(/did you mean euclid\?/);
});
