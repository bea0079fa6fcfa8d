/** `arclet demo`: the whole pipeline once; steps that are done are kept. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-demo-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done } = commandLine(folder);

test("the smallest demo goes all the way; the next one keeps it, to the same report", () => {
  const line = "demo --source 200 --target 400 --epochs 1 --adapt-epochs 1";
  const { stdout } = done(line);
  // Each step is shown as one would type it.
  expect(stdout).toMatch(/^\$ arclet simulate demo\/source --survey hsc .*--count 200 /m);
  expect(stdout).toMatch(
    /^\$ arclet train demo\/source demo\/target --method adda --from demo\/source-only /m,
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
