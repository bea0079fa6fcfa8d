/** `arclet survey-from`: what it measures, and what it asks for. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { writeFits } from "../../src/sky/fits.ts";
import { readSurvey } from "../../src/sky/survey-file.ts";
import { slow } from "../slow.ts";
import { arclet } from "./arclet.ts";

slow("a test types up to a dozen commands");

const folder = mkdtempSync(join(tmpdir(), "arclet-survey-from-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a frame becomes a survey's file with where its numbers come from", () => {
  const d = new Draws(4);
  const data = Float32Array.from({ length: 200 * 200 }, () => d.normal(0, 3));
  const frame = join(folder, "frame.fits");
  writeFits(frame, [{ data, shape: [200, 200] }]);
  const out = join(folder, "made", "from.yaml");
  const flags = [
    "--bands",
    "g",
    "--zero-point",
    "28",
    "--pixel-scale",
    "0.25",
    "--seeing",
    "0.9",
    "--gain",
    "5",
  ];
  const run = arclet("survey-from", frame, "--out", out, "--name", "made", ...flags);
  expect(run).toMatchObject({ status: 0, stderr: "" });
  const text = readFileSync(out, "utf8");
  expect(text).toMatch(/^# arclet survey-from .*frame\.fits --out .*\n# g: .*zero point from --zero-point/);
  const survey = readSurvey(out);
  expect(survey).toMatchObject({ name: "made", zeroPoint: 28, pixelScale: 0.25, moffatBeta: null });
  expect(Math.abs(survey.bands[0]!.skySigma / 3 - 1)).toBeLessThan(0.03);
  expect(survey.bands[0]).toMatchObject({ name: "g", seeing: 0.9, gain: 5 });
  expect(survey.display).toMatchObject({ bands: ["g"] });
});

test("refused in one line, by file and by what is missing", () => {
  const frame = join(folder, "frame.fits");
  const told = (...args: string[]) => {
    const { status, stderr } = arclet("survey-from", ...args);
    expect(status).toBe(2);
    expect(stderr.trimEnd()).not.toContain("\n");
    return stderr;
  };
  expect(told(frame)).toMatch(/frame\.fits: the band can't be measured .* give --bands/);
  expect(told(frame, "--bands", "g")).toMatch(
    /frame\.fits: the pixel scale can't be measured .* give --pixel-scale/,
  );
  expect(told(frame, "--bands", "g", "--pixel-scale", "0.2")).toMatch(
    /the zero point can't be measured .* --zero-point/,
  );
  expect(told("none.fits")).toBe("arclet: none.fits: no such file or folder\n");
  expect(told("README.md")).toBe("arclet: README.md: not a FITS file\n");
  expect(told(frame, "--out", "x.txt")).toMatch(/--out must be a file that ends in \.yaml/);
});

const files = ["g", "r", "i"].map((band) => `../shared/data/fits/CFHTLS_27_${band}_sci.fits`);
test.skipIf(!existsSync(files[0]!))("the zero point that real headers lack is asked for, and taken", () => {
  expect(arclet("survey-from", ...files).stderr).toMatch(
    /CFHTLS_27_g_sci\.fits: the zero point .* give --zero-point/,
  );
  const { status, stdout } = arclet("survey-from", ...files, "--zero-point", "30");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^zeroPoint: 30$/m);
});
