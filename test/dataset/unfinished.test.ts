/** Interrupted writing resumes, to the same bytes. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { columnsWith, loggedRows, RowLog } from "../../src/dataset/row-log.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { ArcletError, Interrupted } from "../../src/foundation/errors.ts";
import { slow } from "../slow.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";

slow("starts programs and kills them");

const folder = scratch();
const at = (...names: string[]) => join(folder, ...names);
/** Bytes of a shard of three images. */
const THREE = 128 + 3 * 72;

/** Writes `count` images, three per shard, from where an earlier call stopped; stops before image `until`. */
async function write(name: string, count: number, until = Infinity, seed: number | null = 0, made = "first") {
  const started: number[] = [];
  const spec = { ...SPEC, provenance: { made }, columns: { z: "number", n: "whole" } as const };
  const fill = async (writer: Parameters<Parameters<typeof writeDataset>[2]>[0]) => {
    started.push(writer.length);
    for (let i = writer.length; i < count; i++) {
      if (i === until) throw new Interrupted("stopped");
      writer.append(fluxImage(i), [row(i, { z: i / 3, n: i })]);
    }
  };
  await writeDataset(at(name), spec, fill, THREE, seed === null ? undefined : { seed }).catch((error) => {
    if (!(error instanceof Interrupted)) throw error;
  });
  return started[0];
}

const filesOf = (name: string) =>
  Object.fromEntries(readdirSync(at(name)).map((file) => [file, readFileSync(at(name, file), "hex")]));

test("interrupted writing resumes after any whole image, within a shard and between shards", async () => {
  await write("straight", 8);
  for (const stops of [[1], [3], [4, 5, 7], [6, 6], [8]]) {
    const name = `stopped-${stops.join("-")}`;
    let before = 0;
    for (const stop of stops) {
      expect(await write(name, 9, stop)).toBe(before);
      expect(existsSync(at(name))).toBe(false);
      before = stop;
    }
    expect(await write(name, 8, Infinity, 0, "later")).toBe(before);
    expect(filesOf(name)).toEqual(filesOf("straight"));
  }
  const dataset = await openDataset(at("stopped-4-5-7"));
  expect(dataset.column("z")[7]).toBe(7 / 3);
  await dataset.verify();
  dataset.close();
});

test("what was half written when the program died is written again", async () => {
  await write("straight-8", 8);
  const spoil: Record<string, (partial: string) => number> = {
    "a row cut off": (p) => {
      appendFileSync(join(p, "rows.jsonl"), '["toy-5",');
      return 5;
    },
    "an image without row": (p) => {
      appendFileSync(join(p, "images-00001.npy"), Buffer.alloc(72, 7));
      return 5;
    },
    "an image cut off": (p) => {
      truncateSync(join(p, "images-00001.npy"), 128 + 72 + 10);
      return 4;
    },
    "a row without its shard": (p) => {
      truncateSync(join(p, "images-00001.npy"), 0);
      return 3;
    },
    "an image that never reached the disk": (p) => {
      const bytes = readFileSync(join(p, "images-00001.npy"));
      bytes.fill(0, 128 + 72);
      writeFileSync(join(p, "images-00001.npy"), bytes);
      return 4;
    },
    "a log of nothing": (p) => {
      truncateSync(join(p, "rows.jsonl"), 0);
      return 0;
    },
  };
  for (const [name, hurt] of Object.entries(spoil)) {
    await write(name, 8, 5);
    const left = hurt(at(`${name}.partial`));
    expect(await write(name, 8), name).toBe(left);
    expect(filesOf(name), name).toEqual(filesOf("straight-8"));
  }
});

test("another configuration may not resume, and the unfinished folder stays", async () => {
  await write("mine", 8, 5);
  await expect(write("mine", 8, Infinity, 1)).rejects.toThrow(
    /mine\.partial: was started with seed 0, now 1/,
  );
  await expect(openDataset(at("mine.partial"))).rejects.toThrow(/not a whole dataset/);
  expect(await write("mine", 8)).toBe(5);
});

test("no error removes what was made: a bug, a refusal on the way, a contradiction at the end", async () => {
  await write("right", 8);
  const failing = (name: string, fail: (i: number) => void, group = (i: number) => `place-${i}`) =>
    writeDataset(
      at(name),
      { ...SPEC, provenance: { made: "first" }, columns: { z: "number", n: "whole" } },
      async (writer) => {
        for (let i = writer.length; i < 8; i++) {
          fail(i);
          writer.append(fluxImage(i), [row(i, { z: i / 3, n: i, group: group(i) })]);
        }
      },
      THREE,
      { seed: 0 },
    );
  const failures: Record<string, [message: RegExp, left: number, run: (name: string) => Promise<unknown>]> = {
    bug: [
      /^not a function$/,
      5,
      (name) =>
        failing(name, (i) => {
          if (i === 5) throw new TypeError("not a function");
        }),
    ],
    refusal: [
      /wrong; what was made is kept in \S+refusal\.partial: the same command resumes there/,
      4,
      (name) =>
        failing(name, (i) => {
          if (i === 4) throw new ArcletError({ where: "recipe", code: "argument", problem: "wrong" });
        }),
    ],
    contradiction: [
      /group one is in two splits .*; what was made is kept in \S+contradiction\.partial/,
      8,
      (name) =>
        failing(
          name,
          () => {},
          () => "one",
        ),
    ],
  };
  for (const [name, [message, left, run]] of Object.entries(failures)) {
    await expect(run(name), name).rejects.toThrow(message);
    expect(readdirSync(at(`${name}.partial`)), name).toContain("images-00000.npy");
    if (name === "contradiction") continue;
    expect(await write(name, 8), name).toBe(left);
    expect(filesOf(name), name).toEqual(filesOf("right"));
  }
});

test("a refusal before the first image leaves nothing", async () => {
  await expect(write("none", 0)).rejects.toThrow(/no images to write/);
  expect(existsSync(at("none.partial"))).toBe(false);
});

test("a folder that this command did not make is left alone", async () => {
  mkdirSync(at("own.partial"));
  writeFileSync(at("own.partial", "notes.txt"), "mine");
  await expect(write("own", 8)).rejects.toThrow(
    /own\.partial: holds notes\.txt, which this command did not make; move or remove it/,
  );
  expect(readFileSync(at("own.partial", "notes.txt"), "utf8")).toBe("mine");
});

test("a program that is killed right after the last rename has made a whole dataset", async () => {
  await write("marked", 8);
  expect(readdirSync(at("marked"))).not.toContain("unfinished.json");
  writeFileSync(at("marked", "unfinished.json"), "{}");
  (await openDataset(at("marked"))).verify();
});

test("killed just before the mark of an unfinished folder goes, the same call says what is there", async () => {
  const call = () =>
    writeDataset(at("last"), SPEC, async (writer) => writer.append(fluxImage(0), [row(0)]), THREE, {
      seed: 0,
    });
  const info = await call();
  writeFileSync(at("last", "unfinished.json"), JSON.stringify({ identity: { seed: 0 }, about: {} }));
  expect(await call()).toEqual(info);
  expect(readdirSync(at("last"))).not.toContain("unfinished.json");
});

test("the log of rows that were set aside goes before the folder has its name", async () => {
  const fill = async (writer: Parameters<Parameters<typeof writeDataset>[2]>[0]) => {
    writeFileSync(join(writer.folder, "set-aside.jsonl"), "");
    writer.append(fluxImage(0), [row(0)]);
  };
  await writeDataset(at("aside"), SPEC, fill, THREE, { seed: 0 });
  expect(readdirSync(at("aside")).sort()).toEqual(["dataset.json", "images-00000.npy", "table.parquet"]);
});

test("without an identity nothing is resumed", async () => {
  await write("anew", 8, 5, null);
  expect(await write("anew", 8, Infinity, null)).toBe(0);
});

test("a log gives its rows back: whole numbers of 64 bits, NaN, minus zero, texts of several lines", () => {
  const columns = columnsWith({ x: "number", n: "whole", ok: "yes/no", text: "text" });
  const log = new RowLog(at("log"), columns);
  const more = [
    { x: Number.NaN, n: 2n ** 62n, ok: true, text: 'a\n"b" é' },
    { x: -0, n: -1, ok: false, text: "" },
    { x: -Infinity, n: null, ok: null, text: null },
  ];
  for (const values of more) log.append({ ...row(0), ...values });
  log.flush();
  log.close();
  const got = [...loggedRows(at("log"), columns)].map(({ value }) => value.slice(-4));
  expect(got).toEqual([
    [Number.NaN, 2n ** 62n, true, 'a\n"b" é'],
    [-0, -1n, false, ""],
    [-Infinity, null, null, null],
  ]);
});

test("two writers of one folder: the second learns of the first; a dead one's lock is taken over", async () => {
  let second: unknown;
  await writeDataset(
    at("shared"),
    { ...SPEC, columns: { z: "number", n: "whole" } },
    async (writer) => {
      second = await write("shared", 8).catch((error) => error);
      for (let i = 0; i < 8; i++) writer.append(fluxImage(i), [row(i, { z: i / 3, n: i })]);
    },
    THREE,
    { seed: 0 },
  );
  expect(String(second)).toContain(
    `shared.partial: process ${process.pid} on ${hostname()} is working on it`,
  );
  expect(filesOf("shared")).toHaveProperty("table.parquet");
  expect(existsSync(at("shared.partial.lock"))).toBe(false);

  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  await write("orphan", 8, 4);
  writeFileSync(at("orphan.partial.lock"), `${pid} ${hostname()}`);
  expect(await write("orphan", 8)).toBe(4);
  await write("away", 8, 4);
  writeFileSync(at("away.partial.lock"), "1 elsewhere");
  await expect(write("away", 8)).rejects.toThrow(/process 1 on elsewhere is working on it; .*remove/);
});

test("another command does not discard unfinished work", async () => {
  await write("begun", 8, 4);
  await expect(write("begun", 8, Infinity, null)).rejects.toThrow(
    /begun\.partial: is the unfinished work of another command/,
  );
  expect(await write("begun", 8)).toBe(4);
});
