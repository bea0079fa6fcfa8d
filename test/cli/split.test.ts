/** `arclet split`: a dataset under other splits. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { laid } from "../tiny/pictures.ts";
import { SKY_SIZE, skyImage, writeSkies } from "../tiny/skies.ts";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-split-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { arclet, done, refused } = commandLine(folder);

test("folds are written, told of, and carry the log of opened tests along", async () => {
  await writeSkies(folder, "clean", 100);
  writeFileSync(join(folder, "clean", "seal.jsonl"), "");
  const { stdout } = done("split clean --folds 3 --out folds");
  expect(stdout.trim().split("\n")).toHaveLength(3);
  expect(stdout).toContain("folds/fold-2: 12 images in 12 groups: train ");
  expect(stdout).toContain("test 4 (2 lens, 2 not-lens)");
  expect(readFileSync(join(folder, "folds", "fold-0", "seal.jsonl"), "utf8")).toBe("");
  done("check folds/fold-0");
  refused(/a name that is not taken/, "split clean --folds 3 --out folds");
  refused(/--fractions must be given where folds are not/, "split clean --out other");
});

test("a dataset that is split again by what check found is clean, and one that was changed is refused", async () => {
  await writeSkies(
    folder,
    "mixed",
    500,
    { 5: { ra: 10 + 500 / 100 + 1 / 3600 } },
    { 8: laid(skyImage(500), SKY_SIZE, 3) },
  );
  const found = arclet("check mixed");
  expect(found.status).toBe(1);
  expect(
    [...found.stdout.matchAll(/^(id|group|position|identical|alike) /gm)].map(([, kind]) => kind),
  ).toEqual(["position", "alike"]);
  const divide = "--fractions 0.5,0.25,0.25 --group-sky 3 --group-pixels alike";
  const { stdout } = done(`split mixed ${divide} --out repaired`);
  expect(stdout).toMatch(
    /sky positions: 1 group joined others\nnearly identical images: 1 group joined others/,
  );
  expect(stdout).toContain("12 images in 10 groups");
  expect(done("check repaired").stdout).toContain("nothing is shared");
  cpSync(join(folder, "repaired", "table.parquet"), join(folder, "mixed", "table.parquet"));
  refused(/has changed since it was written/, `split mixed ${divide} --out none`);
});
