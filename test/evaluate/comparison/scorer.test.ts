/** The rows that a comparison is judged on: none that a run learned as a grade, the same for all runs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Scorer } from "../../../src/evaluate/comparison/scorer.ts";
import { plannedRuns } from "../../../src/train/comparing/plan.ts";
import { readRows } from "../../../src/train/comparing/rows.ts";
import { checkedSpec } from "../../../src/train/comparing/spec.ts";
import { temporaryFolder, writeSource, writeTarget } from "../../tiny/domains.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
let source: string;
let target: string;
beforeAll(async () => {
  source = await writeSource(folder.path);
  target = await writeTarget(folder.path, { split: (i) => (i < 14 ? "train" : "test") });
  writeFileSync(at("grades.csv"), "id,grade\ntarget-1,1\ntarget-2,0\ntarget-15,1\ntarget-16,0\n");
});
afterAll(folder.remove);

async function judgedIds(out: string, settings: Record<string, unknown>): Promise<string[]> {
  const methods = { "source-only": null, coral: null };
  const made = { source, target, out: at(out), encoders: { cnn: null }, methods, settings, seeds: [0] };
  const spec = checkedSpec(made, "c.yaml");
  (await Scorer.open(spec, plannedRuns(spec, "c.yaml"), "arclet compare")).close();
  return readRows(at(out), "test").ids;
}

test("graded rows leave the test of all runs, of those without grades, too", async () => {
  const all = [14, 15, 16, 17, 18, 19].map((i) => `target-${i}`);
  expect(await judgedIds("blind", {})).toEqual(all);
  const graded = await judgedIds("graded", { graded: at("grades.csv"), gradedSoft: "grade" });
  expect(graded).toEqual(all.filter((id) => !["target-15", "target-16"].includes(id)));
});
