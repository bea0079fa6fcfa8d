/** `arclet tune`: trials, halved and gone on with, and the best one's values. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so");
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

test("trials of a method that needs grades are judged by those that are held", async () => {
  const target = await openDataset(join(folder, "target"));
  const rows = [...target.labelledRows("train")].slice(0, 30); // the others stay unlabelled
  const labels = target.labels(rows);
  const lines = rows.map((row, i) => `${target.ids[row]},${labels[i]}`);
  writeFileSync(join(folder, "grades.csv"), `${["id,label", ...lines].join("\n")}\n`);
  target.close();
  const graded = "graded: grades.csv\ngradedSoft: label\ngradedAlike: null\nfrom: so\nprecision: float32\n";
  const line =
    "tune source target --method fine-tune --encoder cnn --trials 1 --rungs 1 --vary fineTune.lr=1e-4..1e-3";
  const more = "fineTune.epochs: 1\nadaptSteps: 1\n";
  writeFileSync(join(folder, "held.yaml"), `${graded}${more}gradedHeld: 0.4\n`);
  writeFileSync(join(folder, "none.yaml"), `${graded}${more}`);
  expect(done(`${line} --base held.yaml --out by-grades`).stdout).toMatch(
    /best trial 0, graded-auroc [01]\./,
  );
  expect(readFileSync(join(folder, "by-grades", "trials.csv"), "utf8")).toMatch(
    /,graded-auroc,chosen epoch,/,
  );
  // With none held, as in train.
  expect(done(`${line} --base none.yaml --out by-infomax`).stdout).toMatch(/best trial 0, infomax -/);
});
