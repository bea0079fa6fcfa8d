/** Training on several sources in stated parts. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { readRecords } from "../../src/train/log.ts";
import { MODEL_FILE } from "../../src/train/model.ts";
import { readRunConfig } from "../../src/train/run.ts";
import { openSession } from "../../src/train/session.ts";
import { train } from "../../src/train/train.ts";
import { slow } from "../slow.ts";
import { configOf, temporaryFolder, writeDomain, writeSource } from "../tiny/domains.ts";

slow("trains a few small networks");

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(folder.remove);

let source: string;
let painted: string;
beforeAll(async () => {
  source = await writeSource(folder.path); // a quarter of 36 are lenses
  painted = await writeDomain(folder.path, { name: "painted", count: 24, offset: 30, label: (i) => i % 2 });
});

const config = (out: string, more: Record<string, unknown> = {}) =>
  configOf({
    source,
    also: [painted],
    parts: [0.75, 0.25],
    method: "source-only",
    out: at(out),
    seed: 2,
    ...more,
  });

test("the run records what was mixed, and the log each source's own AUROC", async () => {
  const { records } = await train(config("mixed"));
  const run = readRunConfig(at("mixed"));
  const { contentHash } = (await openDataset(painted)).info;
  expect(run.values).toMatchObject({ also: [painted], parts: [0.75, 0.25] });
  expect(run.inputs.also).toEqual([{ path: painted, name: "painted", contentHash }]);
  expect(run.resolved.rows).toMatchObject({ "source train": 24 + 16, "source val": 12 + 8 });
  expect(run.resolved.phases[0]!.stepsPerEpoch).toBe(5); // 40 rows, 8 a batch
  for (const { sources, validators } of readRecords(at("mixed"))) {
    expect(Object.keys(sources)).toEqual([source, painted]);
    const [low, high] = [Math.min(...Object.values(sources)), Math.max(...Object.values(sources))];
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeLessThanOrEqual(1);
    expect(validators["source-auroc"]).toBeDefined();
  }
  expect(records).toHaveLength(2);
});

test("a run that is interrupted ends at the same bits", async () => {
  await train(config("whole", { epochs: 2 }));
  const stopped = config("stopped", { epochs: 2 });
  const file = `${stopped.out}.json`;
  writeFileSync(file, JSON.stringify(stopped));
  const child = join(import.meta.dirname, "child.mjs");
  const { status } = spawnSync("node", [child, file, "SIGINT", "7"], { encoding: "utf8" });
  expect(status).toBe(130);
  await train(config("stopped", { epochs: 2, resume: true }));
  const bytes = (run: string) => readFileSync(join(at(run), MODEL_FILE));
  expect(bytes("stopped").equals(bytes("whole"))).toBe(true);
});

test("the source's prior is that of the classes as they are drawn", async () => {
  const priorOf = async (more: Record<string, unknown>) => {
    const session = await openSession(config("unused", more), {});
    try {
      return session.priors.source[1]!;
    } finally {
      session.dispose();
    }
  };
  // Train rows: i % 3 ≠ 2. Of source's 24, those with i % 4 = 0: 0, 4, 12, 16, 24, 28; of painted's 16, the 8 odd ones.
  expect(await priorOf({})).toBeCloseTo(0.75 * (6 / 24) + 0.25 * (8 / 16), 9);
  expect(await priorOf({ parts: null })).toBeCloseTo(14 / 40, 9);
});

test("sources that can't be mixed are refused", async () => {
  const refused = (more: Record<string, unknown>, message: RegExp) =>
    expect(train(config("refused", more))).rejects.toThrow(message);
  await refused({ parts: [0.5, 0.6] }, /parts must be 2 shares with sum 1, one for each source, got/);
  await refused({ also: null }, /parts must be given with --also/);
  const unlike = (name: string, more: object) =>
    writeDomain(folder.path, { name, count: 24, label: (i) => i % 2, ...more });
  await refused(
    { also: [await unlike("large", { size: 16 })] },
    /has images of 16 × 16 pixels, the source .* 12 × 12/,
  );
  await refused({ also: [await unlike("bands", { bands: ["g"] })] }, /has the bands g, the source .* has r/);
  await refused(
    { also: [await unlike("words", { classes: ["a", "b"] })] },
    /classes must be other, lens, as in/,
  );
  await refused({ also: [source] }, /shares id "source-0"/);
});

test("a run is not resumed with other sources", async () => {
  await train(config("once", { epochs: 1 }));
  const other = await writeDomain(folder.path, { name: "other", count: 24, offset: 15, label: (i) => i % 2 });
  await expect(train(config("once", { epochs: 1, also: [other], resume: true }))).rejects.toThrow(
    /was trained with other further sources: painted .*, now other/,
  );
});
