/** `arclet detect` as a person runs it; on real frames in cutouts.test.ts. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { slow } from "../slow.ts";
import { field } from "../tiny/field.ts";
import { commandLine } from "./arclet.ts";

slow("a test types up to a dozen commands");

const folder = mkdtempSync(join(tmpdir(), "arclet-detect-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("every source is found on the sum of the bands; the stars among them give the seeing", () => {
  const { path, sources, done } = field(folder, "once");
  const { stdout } = done("detect frames/g.fits frames/r.fits --out found.csv --least-snr 15");
  expect(stdout).toMatch(new RegExp(`^found.csv: ${sources} sources in g, r, detected on the sum$`, "m"));
  expect(stdout).toMatch(/half-light radius of \d+ stars: 1\.7\d pixels/);
  expect(readFileSync(join(path, "found.csv"), "utf8").trimEnd().split("\n")).toHaveLength(1 + sources);
});

test("what can't be searched is refused in one line", () => {
  const { refused } = commandLine(folder);
  refused(/none\.fits: no such file or folder/, "detect none.fits --out x.csv");
  refused(/--bands must be one per frame \(1\), got/, "detect none.fits --bands g,r --out x.csv");
  expect(existsSync(join(folder, "x.csv"))).toBe(false);
});
