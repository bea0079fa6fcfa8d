/** How many images validators use after an epoch, and what a run of an earlier version keeps. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TrainConfig } from "../../src/train/config.ts";
import { withEarlierDefaults } from "../../src/train/earlier-defaults.ts";
import { type RunConfig, refuseOtherValues } from "../../src/train/run.ts";
import { openSession } from "../../src/train/session.ts";
import { imagesPerEpoch } from "../../src/train/steps.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";

const folder = temporaryFolder();
let source: string;
let target: string;
beforeAll(async () => {
  source = await writeSource(folder.path);
  target = await writeTarget(folder.path, { count: 1500 });
});
afterAll(folder.remove);

const config = (flags: Record<string, unknown>): TrainConfig =>
  configOf({ source, target, out: join(folder.path, "never"), preset: "paper", ...flags });

/** Rows of the target that validators use. */
async function validated(flags: Record<string, unknown>): Promise<number> {
  const session = await openSession(config(flags), {});
  try {
    return session.selection.rows.target.length;
  } finally {
    session.dispose();
  }
}

test("an epoch trains on its steps times all images of a step", () => {
  const phase = { name: "adapt", epochs: 3, batch: { source: 6, target: 10, graded: 4 }, selectable: true };
  expect(imagesPerEpoch(config({ adaptSteps: 7 }), phase, 30)).toBe(140);
  expect(imagesPerEpoch(config({}), phase, 30)).toBe(600);
});

test("validators use as many images as an epoch trains on, 1,024 at least; a setting says another number", async () => {
  // Two batches of six a step.
  expect(await validated({ adaptSteps: 10 })).toBe(1024);
  expect(await validated({ adaptSteps: 100 })).toBe(1200);
  expect(await validated({ adaptSteps: 1000 })).toBe(1500);
  expect(await validated({ adaptSteps: 100, validateOn: 50 })).toBe(50);
});

test("a run that was started under an earlier default keeps it; another number is refused", () => {
  const now = config({});
  expect(now.validateOn).toBeNull();
  const before = (validateOn: number) => ({ values: { ...now, validateOn } }) as unknown as RunConfig;
  expect(withEarlierDefaults(now, before(4096).values, {}).validateOn).toBe(4096);
  expect(() => refuseOtherValues("run", before(4096), now, {})).not.toThrow();
  const given = config({ validateOn: 200 });
  const flag = { validateOn: "flag" } as const;
  expect(withEarlierDefaults(given, before(4096).values, flag).validateOn).toBe(200);
  expect(() => refuseOtherValues("run", before(4096), given, flag)).toThrow(
    /run: was trained with validateOn 4096, now 200/,
  );
  expect(() => refuseOtherValues("run", before(300), now, {})).toThrow(/trained with validateOn 300/);
});
