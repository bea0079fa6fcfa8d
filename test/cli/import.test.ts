/** `arclet import`: what it says of the images and the table that it took. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("pictures");
const { done, refused } = commandLine(folder);
copyFileSync(join(folder, "pictures", "images-00000.npy"), join(folder, "cutouts.npy"));
const line = "import cutouts.npy --table table.csv --bands i,r,g --pixel-scale 0.187 --survey cfhtls";

test("an array and its table become a dataset; splits, labels and what was set aside are printed", () => {
  // The last row's image is not there, and grade 1 is neither a lens nor none.
  const rows = Array.from({ length: 41 }, (_, k) => `object-${k},${k % 4},${k}`);
  writeFileSync(join(folder, "table.csv"), `id,grade,row\n${rows.join("\n")}\n`);
  const { stdout } = done(
    `${line} --row-column row --label-from grade --lens-from 3 --not-lens-to 0 --max-saturated 1 --out target`,
  );
  expect(stdout).toMatch(/^target: 40 images 3 × 24 × 24, i, r, g$/m);
  expect(stdout).toMatch(
    /^ {2}splits: \d+ train.*; labels: 10 lens, 10 not-lens$|labels: 10 not-lens, 10 lens$/m,
  );
  expect(stdout).toMatch(/1 rows set aside in target\/set-aside\.csv: 1 \S/);
  expect(readFileSync(join(folder, "target", "set-aside.csv"), "utf8")).toContain("object-40");
});

test("files, columns and names that are not there are refused in one line", () => {
  refused(/nowhere\.npy: no such file or folder/, `${line.replace("cutouts.npy", "nowhere.npy")} --out x`);
  refused(/table\.csv.*nobody/, `${line} --id-column nobody --out x`);
  refused(/taken/, `${line} --out pictures`);
  expect(existsSync(join(folder, "x"))).toBe(false);
});

test("of many identical images a few are printed, and all are in a file", () => {
  const bytes = readFileSync(join(folder, "cutouts.npy"));
  const plane = (bytes.length - 128) / 40;
  // 20 images, each twice.
  const twice = Buffer.concat([bytes.subarray(0, 128 + 20 * plane), bytes.subarray(128, 128 + 20 * plane)]);
  writeFileSync(join(folder, "twice.npy"), twice);
  const rows = Array.from({ length: 40 }, (_, k) => `object-${k},${k}`);
  writeFileSync(join(folder, "twice.csv"), `id,row\n${rows.join("\n")}\n`);
  const { stdout } = done(
    `${line.replace("cutouts.npy", "twice.npy").replace("table.csv", "twice.csv")} --row-column row --max-saturated 1 --out doubled`,
  );
  expect(stdout.match(/identical images, now one group/g)).toHaveLength(5);
  expect(stdout).toContain("15 more such groups; all 20 are in doubled/duplicates.csv");
  const listed = readFileSync(join(folder, "doubled", "duplicates.csv"), "utf8")
    .trimEnd()
    .split("\n");
  expect(listed).toHaveLength(1 + 40);
  expect(listed).toContain("object-23,object-3");
});

test("a band that is a survey's in another spelling is asked about", () => {
  refused(
    /import: --bands must be names as cfhtls has them \(g, r, i\), got "I", did you mean i\?/,
    `${line.replace("i,r,g", "I,R,G")} --out x`,
  );
});
