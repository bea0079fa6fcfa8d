/** `arclet realism`: how well simulated images are told from real ones, and the gate. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target");
const { arclet, done, refused } = commandLine(folder);
const LINE = "realism source target --folds 2 --epochs 1";

test("a table of probes and of statistics, a report, and the gate by the small network", () => {
  const { stdout } = done(`${LINE} --sim-where "label = 'not-lens'" --out told`);
  expect(stdout).toMatch(/network/);
  const { told, differences } = JSON.parse(readFileSync(join(folder, "told", "realism.json"), "utf8"));
  expect(told.map(({ probe }: { probe: string }) => probe)).toEqual(["network", "statistics"]);
  expect(differences.length).toBeGreaterThan(5);
  expect(existsSync(join(folder, "told", "report.html"))).toBe(true);
  const { status, stdout: gated } = arclet(
    `${LINE} --sim-where "label = 'not-lens'" --at-most 0.5 --out gated`,
  );
  const { auroc } = told[0];
  expect(status).toBe(auroc > 0.5 ? 1 : 0);
  if (auroc > 0.5) expect(gated).toContain(`told apart at ${auroc.toFixed(3)}, above 0.5`);
});

test("images that can't be compared, and a condition that is none, are refused in one line", () => {
  done("simulate large --count 20 --size 32");
  refused(/large.*shape/, "realism source large --out x");
  refused(/grade/, `${LINE} --real-where "grade > 1" --out x`);
  expect(existsSync(join(folder, "x"))).toBe(false);
});
