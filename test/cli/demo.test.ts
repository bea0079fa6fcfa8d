/** `arclet demo`: the whole pipeline once; steps that are done are kept. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { placeFinder } from "../tiny/finder.ts";
import { withFinders } from "./with-finders.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-demo-"));
afterAll(() => rmSync(folder, { recursive: true }));
const finders = join(folder, "finders");
const { done } = withFinders(folder, finders);

test("the smallest demo goes all the way; the next one keeps it, to the same report", () => {
  const line = "demo --source 200 --target 400 --epochs 1 --adapt-epochs 1 --adapt-steps 2";
  const { stdout } = done(line);
  // Each step is shown as one would type it.
  expect(stdout).toMatch(/^\$ arclet simulate demo\/source --survey hsc .*--count 200 /m);
  expect(stdout).toMatch(/^No finder comes with this Arclet/m);
  expect(stdout).toMatch(
    /^\$ arclet train demo\/source demo\/target --from demo\/source-only --prior 0.9,0.1 /m,
  );
  for (const file of [
    "report/report.html",
    "report/figures/roc.svg",
    "report/figures/top.png",
    "catalogue.csv",
  ])
    expect(existsSync(join(folder, "demo", file)), file).toBe(true);
  const report = readFileSync(join(folder, "demo", "report", "report.html"), "utf8");
  expect(done(line).stdout.match(/^kept from an earlier demo$/gm)).toHaveLength(6);
  expect(readFileSync(join(folder, "demo", "report", "report.html"), "utf8")).toBe(report);
  const seal = readFileSync(join(folder, "demo", "target", "seal.jsonl"), "utf8");
  expect(seal.trimEnd().split("\n")).toHaveLength(1);
});

test("with a finder, it starts from that, on images like those that the finder takes", () => {
  done("simulate hsc-like --survey hsc --pixels flux --bands g,r,i --size 24 --count 60");
  done("train hsc-like --encoder cnn --cnn.widths 4 --epochs 1 --out made");
  const card = {
    survey: "hsc",
    bands: ["g", "r", "i"],
    pixelScale: 0.168,
    pixels: "flux",
    zeroPoint: 27,
  } as const;
  placeFinder(finders, "hsc", join(folder, "made", "model.safetensors"), { ...card, bands: [...card.bands] });
  const { stdout } = done("demo --out second --source 200 --target 400 --adapt-epochs 1 --adapt-steps 2");
  expect(stdout).not.toMatch(/No finder/);
  expect(stdout).toMatch(
    /^\$ arclet simulate second\/target --survey des --pixels flux --bands g,r,i --size 24 --pixel-scale 0.168 --zero-point 27 /m,
  );
  expect(stdout).toMatch(/^\$ arclet train second\/source second\/target --from hsc --prior 0.9,0.1 /m);
  expect(stdout).toMatch(/^\$ arclet evaluate hsc second\/adapted --data second\/target /m);
  expect(existsSync(join(folder, "second", "report", "report.html"))).toBe(true);
});
