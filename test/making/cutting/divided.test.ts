/** Cutouts in shards where an attempt's copied files don't fit together. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeDivided } from "../../../src/foundation/shards/divided-work.ts";
import { cutoutsConfig } from "../../../src/making/cutting/config.ts";
import { cutouts } from "../../../src/making/cutting/cutouts.ts";
import { dividedCutouts } from "../../../src/making/cutting/divided.ts";
import { defaults, skyOf, writeMade } from "../../sky/frames/made.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-divided-cutouts-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

test("a list of rows set aside that is older than the rows is noticed, and the shard begun again", async () => {
  mkdirSync(at("frames"));
  // A gap sets aside every fourth position.
  writeMade(at("frames", "g.fits"), {}, (data) => {
    for (let i = 0; i < data.length; i++) if (i % 200 > 95 && i % 200 < 105) data[i] = Number.NaN;
  });
  const rows = ["id,ra,dec"];
  for (let y = 12; y < 150; y += 5)
    for (const x of [30, 100, 140, 170]) rows.push(`p${x}-${y},${skyOf(defaults, x, y).join(",")}`);
  writeFileSync(at("catalog.csv"), `${rows.join("\n")}\n`);
  const config = (out: string) =>
    cutoutsConfig.parse({
      ...{ frames: [at("frames")], catalog: at("catalog.csv"), bands: ["g"], size: 16 },
      ...{ out: at(out), name: "cut" },
    });
  await cutouts(config("one"), { command: "cutouts" });
  const work = await dividedCutouts(config("torn"), 1, {
    provenance: () => ({ command: "cutouts" }),
    report: () => [],
  });
  const asked = { shards: 1, shard: 1, mergeOnly: false, keepsFolder: true };
  const made = work.make;
  const torn = makeDivided(
    {
      ...work,
      make: async (range, path, tick, earlier) => {
        let ticks = 0;
        const stopping = (positions: number, kept?: number) => {
          tick(positions, kept);
          if (++ticks === 3) throw new Error("stopped");
        };
        await expect(made(range, path, stopping, earlier)).rejects.toThrow("stopped");
        writeFileSync(join(path, "set-aside.jsonl"), "");
        await made(range, path, tick, earlier);
      },
    },
    asked,
    [],
  );
  await torn;
  await makeDivided(work, { ...asked, shard: null, mergeOnly: true }, []);
  const filesOf = (name: string) =>
    Object.fromEntries(
      readdirSync(at(name))
        .filter((file) => file !== "dataset.json")
        .map((file) => [file, readFileSync(at(name, file), "hex")]),
    );
  expect(filesOf("torn")).toEqual(filesOf("one"));
  expect(filesOf("one")["set-aside.csv"]).not.toBe("");
});
