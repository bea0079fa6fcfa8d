/** `arclet tune`: trials, halved and gone on with, and the best one's values. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target");
const { done, refused } = commandLine(folder);

test("tuning leaves its trials in a table, and the best one's values for train", () => {
  writeFileSync(
    join(folder, "base.yaml"),
    "epochs: 1\nbatch: 16\nprecision: float32\ncnn.widths: [4, 8]\nadda.epochs: 2\nadda.batch: 16\n",
  );
  const line =
    "tune source target --method adda --encoder cnn --base base.yaml --trials 2 --eta 2 --out tuned";
  const { stdout } = done(line);
  expect(stdout).toMatch(/trial \d, 1 epochs: .*\n.*\n.*trial \d, 2 epochs: /);
  const rows = readFileSync(join(folder, "tuned", "trials.csv"), "utf8")
    .trimEnd()
    .split("\n");
  expect(rows).toHaveLength(1 + 3);
  expect(done(line).stdout).toContain("best trial");
  done("train --config tuned/best.json --out best");
  refused(/holds a tuning with other settings/, `${line} --seed 5`);
  refused(/adda.lrr is not a setting of train/, "tune source target --vary adda.lrr=1..2 --out other");
});
