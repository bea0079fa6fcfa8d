/** `arclet detect` in shards: the catalogue of one program, where sources lie on the lines between pieces too. */
import { mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { field } from "../tiny/field.ts";
import { aside, dividedAlike } from "./divided-ways.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-divided-detect-"));
afterAll(() => rmSync(folder, { recursive: true }));
// A lattice of sources: pieces of about 167 pixels have some on their edges.
const { path, sources } = field(folder, "field");

const LINE = "detect frames/g.fits frames/r.fits --tile 160 --margin 24 --least-snr 15";

test("sources on the lines between pieces, stars and names are those of one program", () => {
  for (const out of ["found.csv", "found.parquet"]) {
    const how = { line: `${LINE} --out ${out}`, out, needs: ["frames"] };
    if (out === "found.csv") dividedAlike(path, how);
    else {
      const { done, at } = aside(path, "parquet", ["frames"]);
      done(`${LINE} --out one.parquet`);
      done(`${LINE} --out two.parquet --shards 2`);
      expect(readFileSync(at("two.parquet"))).toEqual(readFileSync(at("one.parquet")));
    }
  }
  const rows = readFileSync(join(path, "found-csv-three", "found.csv"), "utf8")
    .trimEnd()
    .split("\n");
  expect(rows.length - 1).toBe(sources);
});

test("changed frames, other settings and more shards than pieces are refused", () => {
  const { done, refused, at } = aside(path, "changing", ["frames"]);
  const line = `${LINE} --out found.csv`;
  done(`${line} --shard 2/3`);
  refused(/plan\.json: was made with threshold 1\.5, now 3/, `${line} --threshold 3 --shard 1/3`);
  refused(/plan\.json: has 3 shards, not 4; give --shards 3/, `${line} --shards 4`);
  refused(/--shards must be at most 9, for 9 pieces/, `${LINE} --out many.csv --shards 10`);
  refused(/detect: --shard must be K\/N, with K at most N, got "4\/3"/, `${line} --shard 4/3`);
  utimesSync(at("frames", "r.fits"), 5, 5);
  refused(/plan\.json: the frame frames\/r\.fits has changed since/, `${line} --shard 1/3`);
});
