/** `arclet cutouts` in shards: the bytes of one program where frames overlap and one is damaged, and what is refused. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaults, skyOf, writeMade } from "../sky/frames/made.ts";
import { aside, dividedAlike } from "./divided-ways.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-divided-cutouts-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

beforeAll(() => {
  mkdirSync(at("frames"));
  for (const [k, ra] of [defaults.ra, defaults.ra + 0.0056].entries())
    for (const [c, FILTER] of ["g", "r"].entries())
      writeMade(
        at("frames", `f${k}-${FILTER}.fits`),
        { ra, height: 400, seed: 2 * k + c, header: { FILTER, MAGZERO: 27 } },
        () => {},
        k === 1 ? { compression: "gzip" } : {},
      );
  // Some rows of the second field's r frame can't be unpacked.
  const damaged = at("frames", "f1-r.fits");
  const bytes = readFileSync(damaged);
  bytes.fill(0x55, Math.floor(bytes.length * 0.6), Math.floor(bytes.length * 0.6) + 300);
  writeFileSync(damaged, bytes);
  const rows = ["id,ra,dec,note"];
  const made = { ...defaults, height: 400 };
  for (let y = 20; y < 400; y += 24)
    for (let x = -100; x < 200; x += 43) {
      const [ra, dec] = skyOf(made, x, y);
      rows.push(`p${x}-${y},${ra},${dec},"n ${x}"`);
    }
  rows.push("far,12,13,", "empty,,,");
  writeFileSync(at("catalog.csv"), `${rows.join("\n")}\n`);
});

const LINE =
  "cutouts --frames frames --catalog catalog.csv --bands g,r --size 16 --max-missing 0.3 --fractions 0.5,0.3,0.2";

test("positions that several frames cover, splits and rows set aside are those of one program", () => {
  dividedAlike(folder, { line: `${LINE} --out cut`, out: "cut", needs: ["frames", "catalog.csv"] });
  const list = readFileSync(at("cut-three", "cut", "set-aside.csv"), "utf8");
  const rows = list.trimEnd().split("\n").slice(1);
  expect(rows.map((row) => Number(row.split(",")[1]))).toEqual(
    rows.map((row) => Number(row.split(",")[1])).sort((a, b) => a - b),
  );
  for (const kind of ["unreadable frame", "missing pixels", "no frame", "no position"])
    expect(list).toContain(`,${kind},`);
  // The rest of the damaged frame is used.
  const cut = readFileSync(at("cut-one", "cut", "table.parquet"), "latin1");
  expect(cut).toContain("f1-g.fits");
});

test("changed frames or positions, and other settings, are refused", () => {
  const { done, refused, at } = aside(folder, "changing", ["frames", "catalog.csv"]);
  const line = `${LINE} --out cut`;
  done(`${line} --shard 2/3`);
  refused(/plan\.json: was made with size 16, now 20/, `${line.replace("16", "20")} --shard 1/3`);
  refused(/plan\.json: has 3 shards, not 4; give --shards 3/, `${line} --shards 4`);
  refused(/2 of 3 shards are absent \(1, 3\)/, `${line} --shards 3 --merge`);
  utimesSync(at("frames", "f0-g.fits"), 5, 5);
  refused(/plan\.json: the set of frames has changed since/, `${line} --shard 1/3`);
  writeFileSync(at("catalog.csv"), readFileSync(at("catalog.csv"), "utf8").replace("far", "fer"));
  refused(/plan\.json: the catalogue catalog\.csv has changed since/, `${line} --shard 1/3`);
  refused(/--shards must be at most \d+, for \d+ positions/, `${LINE} --out many --shards 999`);
});
