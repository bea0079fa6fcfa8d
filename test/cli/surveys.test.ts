/** `arclet surveys`: the list, and a survey as a file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSurvey } from "../../src/sky/survey-file.ts";
import { surveyNamed, surveys } from "../../src/sky/surveys/registry.ts";
import { slow } from "../slow.ts";
import { arclet } from "./arclet.ts";

slow("a test types up to a dozen commands");

const folder = mkdtempSync(join(tmpdir(), "arclet-surveys-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a line each, with bands and source", () => {
  const { status, stdout } = arclet("surveys");
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^name +bands +pixels +seeing +depth +source$/);
  expect(lines.slice(1).map((line) => line.split(" ")[0])).toEqual(surveys.names);
  expect(stdout).toMatch(/^lsst +u g r i z y +0\.2" .*26\.1 27\.4 27\.5 26\.8 26\.1 24\.9 .*Ivezić/m);
});

test("a name prints a file that is that survey; a file of one's own is taken as well", () => {
  const path = join(folder, "own.yaml");
  const { stdout } = arclet("surveys", "cfhtls");
  writeFileSync(path, stdout.replace("name: cfhtls", "name: own"));
  expect(readSurvey(path)).toEqual({ ...surveyNamed("cfhtls"), name: "own" });
  expect(arclet("surveys", path).stdout).toContain("name: own");
  writeFileSync(path, stdout.replace("pixelScale", "pixelscale"));
  expect(arclet("surveys", path)).toEqual({
    status: 2,
    stdout: "",
    stderr: `arclet: ${path} line 7: pixelscale is not known, did you mean pixelScale?\n`,
  });
});
