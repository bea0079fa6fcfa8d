/** Shards: how work is divided, plans that must agree, and attempts that end in one whole shard. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { askedShards } from "../../src/foundation/shards/asked.ts";
import { attempt } from "../../src/foundation/shards/attempt.ts";
import { type DividedWork, makeDivided } from "../../src/foundation/shards/divided-work.ts";
import { listed } from "../../src/foundation/shards/numbers.ts";
import { partFile, partFilesIn } from "../../src/foundation/shards/parts.ts";
import { agreedPlan, PLAN_FILE } from "../../src/foundation/shards/plan.ts";
import { dividedInto, neededBy } from "../../src/foundation/shards/range.ts";
import { ShardFolder } from "../../src/foundation/shards/shard-folder.ts";
import { readStatus } from "../../src/foundation/shards/status.ts";

vi.spyOn(process.stderr, "write").mockImplementation(() => true);
const root = mkdtempSync(join(tmpdir(), "arclet-shards-"));
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});
let folders = 0;
const fresh = () => join(root, `out-${folders++}`);

test("ranges are nearly equal, of whole blocks, and all units together", () => {
  const edges = (units: number, shards: number, block?: number) =>
    dividedInto({ units, unit: "images", ...(block && { block }) }, shards).map(
      ({ from, to }) => `${from}-${to}`,
    );
  expect(edges(10, 3)).toEqual(["0-3", "3-6", "6-10"]);
  expect(edges(10, 2, 4)).toEqual(["0-4", "4-10"]);
  expect(() => edges(10, 4, 4)).toThrow(
    "shards: --shards must be at most 3, for 10 images, which stay together by 4, got 4",
  );
  expect(listed([1, 2, 3, 7, 9, 10])).toBe("1-3, 7, 9-10");
});

test("a shard is of one round, or of whole rounds, and needs those before it", () => {
  const rounds = [0, 3, 9];
  const divided = (shards: number) => dividedInto({ units: 10, unit: "runs", rounds }, shards);
  const edges = (shards: number) => divided(shards).map(({ from, to }) => `${from}-${to}`);
  expect(edges(1)).toEqual(["0-10"]);
  expect(edges(2)).toEqual(["0-3", "3-10"]);
  expect(edges(3)).toEqual(["0-3", "3-9", "9-10"]);
  expect(edges(5)).toEqual(["0-1", "1-3", "3-6", "6-9", "9-10"]);
  expect(edges(10)).toEqual(Array.from({ length: 10 }, (_, k) => `${k}-${k + 1}`));
  expect(() => edges(11)).toThrow("shards: --shards must be at most 10, for 10 runs, got 11");
  const needed = (shards: number) => divided(shards).map((_, k) => neededBy(divided(shards), rounds, k + 1));
  expect(needed(1)).toEqual([[]]);
  expect(needed(2)).toEqual([[], [1]]);
  expect(needed(5)).toEqual([[], [], [1, 2], [1, 2], [1, 2, 3, 4]]);
});

test("parts of shards are found in the order of their items, and by their whole name", () => {
  const [one, two] = [fresh(), fresh()];
  for (const folder of [one, two]) mkdirSync(folder);
  for (const [folder, name, from] of [
    [two, "a", 512],
    [one, "a", 0],
    [one, "a", 256],
    [one, "a-b", 0],
  ] as const)
    writeFileSync(partFile(folder, name, from, "npy"), "");
  writeFileSync(`${partFile(one, "a", 768, "npy")}.partial`, "");
  expect(partFilesIn([one, two], "a", "npy")).toEqual([
    partFile(one, "a", 0, "npy"),
    partFile(one, "a", 256, "npy"),
    partFile(two, "a", 512, "npy"),
  ]);
});

test("--shard and --shards must agree, and --merge needs --shards", () => {
  const asked = (values: object) =>
    askedShards("simulate", { shards: null, shard: null, merge: false, ...values });
  expect(asked({})).toBeNull();
  expect(asked({ shard: "2/5" })).toMatchObject({ shards: 5, shard: 2 });
  expect(asked({ shard: "2/5", shards: 5 })).toMatchObject({ shards: 5, shard: 2 });
  expect(() => asked({ shard: "2/5", shards: 4 })).toThrow("simulate: --shard must be K/4, as --shards says");
  expect(() => asked({ merge: true })).toThrow("--merge must be left out unless --shards says of how many");
});

const PLAN = {
  command: "simulate",
  words: ["simulate", "x"],
  cwd: root,
  out: "x",
  settings: { seed: 1 },
  data: { "data/a": "0123456789abcdef0123456789abcdef" },
  unit: "images",
  units: 6,
  shards: dividedInto({ units: 6, unit: "images" }, 3),
};

test("a plan of other settings, data, shards or another version is refused by one line", () => {
  const folder = fresh();
  agreedPlan(folder, PLAN);
  expect(agreedPlan(folder, { ...PLAN, words: ["simulate", "x", "--seed", "1"] }).words).toEqual(PLAN.words);
  const other = (change: object) => () => agreedPlan(folder, { ...PLAN, ...change });
  const again = `remove ${folder} to begin again`;
  expect(other({ settings: { seed: 2 } })).toThrow(
    `${folder}/plan.json: was made with seed 1, now 2; ${again}`,
  );
  expect(other({ data: { "data/a": "ffff56789abcdef0123456789abcdef0" } })).toThrow(
    `data/a has changed since (0123456789ab, now ffff56789abc); ${again}`,
  );
  expect(other({ data: {} })).toThrow("was made with data/a, which is gone");
  expect(other({ shards: dividedInto({ units: 6, unit: "images" }, 2) })).toThrow(
    "has 3 shards, not 2; give --shards 3, or",
  );
  expect(other({ command: "score" })).toThrow("is the plan of arclet simulate, not of arclet score");
  const file = join(folder, PLAN_FILE);
  writeFileSync(file, readFileSync(file, "utf8").replace(/"arclet": "[^"]+"/, '"arclet": "0.0.9"'));
  expect(other({})).toThrow(
    /was made by Arclet 0\.0\.9, and this is .*, whose results may differ; finish it with that version/,
  );
  writeFileSync(file, '{"format": 1}');
  expect(other({})).toThrow(/plan\.json: .*must be/);
  expect(() => ShardFolder.open(root)).toThrow(`${root}: holds no divided work (it has no plan.json)`);
});

/** Work whose units are numbers in files; each shard's file has its own. */
function counting(out: string, make: DividedWork["make"]): DividedWork {
  return {
    ...{ command: "count", out, settings: {}, data: {}, unit: "numbers", units: 10, make },
    merge: async (results) => {
      writeFileSync(out, results.map((folder) => readFileSync(join(folder, "numbers"), "utf8")).join(""));
      return ["joined"];
    },
  };
}

const writing: DividedWork["make"] = async ({ from, to }, folder, tick) => {
  const numbers = Array.from({ length: to - from }, (_, k) => `${from + k}\n`);
  writeFileSync(join(folder, "numbers"), numbers.join(""));
  tick(to - from);
};

const asked = (text: { shards?: number; shard?: string; merge?: boolean }) =>
  askedShards("count", { shards: null, shard: null, merge: false, ...text })!;

const TEN = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n";

test("the joined result is the same however the work was divided, in any order; only joining makes nothing", async () => {
  for (const shards of [1, 3, 7]) {
    const out = fresh();
    const work = counting(out, writing);
    if (shards === 7)
      for (const shard of [5, 2]) await makeDivided(work, asked({ shard: `${shard}/7` }), ["count"]);
    if (shards > 1)
      await expect(makeDivided(work, asked({ shards, merge: true }), ["count"])).rejects.toThrow(
        shards === 7 ? "5 of 7 shards are absent (1, 3-4, 6-7)" : "3 of 3 shards are absent (1-3)",
      );
    expect(await makeDivided(work, asked({ shards }), ["count"])).toEqual(["joined"]);
    expect(readFileSync(out, "utf8")).toBe(TEN);
    expect(existsSync(`${out}.shards`)).toBe(false);
  }
});

test("what a program left that was killed while it removed joined shards is removed by the same command", async () => {
  const out = fresh();
  const work = counting(out, writing);
  await makeDivided(work, asked({ shards: 2 }), ["count"]);
  mkdirSync(`${out}.shards.joined/status`, { recursive: true });
  await expect(makeDivided({ ...work, outIsNew: true }, asked({ shards: 2 }), ["count"])).rejects.toThrow(
    "a name that is not taken",
  );
  expect(readdirSync(root).filter((name) => name.startsWith(`${out.slice(root.length + 1)}.`))).toEqual([]);
});

test("a shard that fails is absent, says why, and what it has made is taken over", async () => {
  const out = fresh();
  const failing = counting(out, async (_, folder, tick) => {
    writeFileSync(join(folder, "numbers"), "0\n");
    tick(1);
    throw new Error("no more");
  });
  await expect(makeDivided(failing, asked({ shard: "1/2" }), ["count"])).rejects.toThrow("no more");
  const folder = ShardFolder.open(`${out}.shards`);
  expect(folder.absent()).toEqual([1, 2]);
  expect(readStatus(folder.status(1))).toMatchObject({ state: "failed", done: 1, units: 5 });
  let found = "";
  const resuming = counting(out, async (range, scratch, tick) => {
    if (range.from === 0) found = readFileSync(join(scratch, "numbers"), "utf8");
    await writing(range, scratch, tick, []);
  });
  await makeDivided(resuming, asked({ shards: 2 }), ["count"]);
  expect(found).toBe("0\n");
  expect(readFileSync(out, "utf8")).toBe(TEN);
});

test("two programs at one shard don't touch each other's files, and the first whole one counts", async () => {
  const plan = agreedPlan(fresh(), PLAN);
  const folder = new ShardFolder(join(root, `out-${folders - 1}`), plan);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slower = attempt(
    folder,
    1,
    async (range, scratch, tick) => {
      writeFileSync(join(scratch, "numbers"), "torn");
      await held;
      await writing(range, scratch, tick, []);
    },
    () => {},
  );
  let copied = "";
  await attempt(
    folder,
    1,
    async (range, scratch, tick) => {
      copied = readFileSync(join(scratch, "numbers"), "utf8");
      await writing(range, scratch, tick, []);
    },
    () => {},
  );
  release();
  await slower; // its folder was cleared away, and the shard is there: no error
  expect(copied).toBe("torn");
  expect(readFileSync(join(folder.result(1), "numbers"), "utf8")).toBe("0\n1\n");
  expect(readdirSync(folder.work)).toEqual([]);
});

test("joined work says so, and a result that is there is not replaced by a new folder's", async () => {
  const out = fresh();
  const work = { ...counting(out, writing), outIsNew: true };
  for (const shard of ["1/2", "2/2"]) await makeDivided(work, asked({ shard }), ["count"]);
  // A program that was killed after the result had appeared.
  mkdirSync(`${out}.shards`, { recursive: true });
  writeFileSync(join(`${out}.shards`, "joining.json"), "{}");
  writeFileSync(out, TEN);
  expect(await makeDivided(work, asked({ shards: 2, merge: true }), ["count"])).toEqual([]);
  rmSync(out);
  await expect(makeDivided(work, asked({ shards: 2 }), ["count"])).rejects.toThrow(
    `its shards were joined in ${out} already; remove ${out}.shards to make them again`,
  );
  writeFileSync(out, "mine");
  await expect(makeDivided(work, asked({ shards: 2 }), ["count"])).rejects.toThrow(
    "a name that is not taken",
  );
  expect(readFileSync(out, "utf8")).toBe("mine");
});
