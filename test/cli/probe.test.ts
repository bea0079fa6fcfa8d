/** `arclet probe` on the command line: learned, held out, used as a finder, and what is refused. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { Draws } from "../../src/foundation/random.ts";
import { readModelInfo } from "../../src/train/model.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so");
const { done, refused } = commandLine(folder);
const at = (...names: string[]) => join(folder, ...names);
const table = (name: string) =>
  readFileSync(at(name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
const GRADED = "--graded grades.csv --graded-positives 'grade = 3' --graded-negatives 'grade = 0'";

beforeAll(async () => {
  const target = await openDataset(at("target"));
  const rows = [...target.labelledRows()].slice(0, 60);
  const lens = target.info.classes.indexOf("lens");
  const graded = rows.map((row) => `${target.ids[row]},${3 * Number(target.labels([row])[0] === lens)}`);
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(at(name), `${["id,grade", ...lines].join("\n")}\n`);
  write("grades.csv", graded);
  const of = (grade: number) => graded.filter((line) => line.endsWith(`,${grade}`));
  write("few.csv", [...of(3).slice(0, 3), ...of(0)]);
  write("one.csv", [...of(3).slice(0, 1), ...of(0)]);
  target.close();
});

test("a probe scores all rows, marks the graded ones, and says how it does on rows held out", () => {
  const { stdout } = done(`probe target so ${GRADED} --out probe`);
  expect(stdout).toMatch(
    /^held out: AUROC 0\.\d{3} \[0\.\d{3}, [01]\.\d{3}\] of \d+ lenses and \d+ others$/m,
  );
  expect(stdout).toMatch(/^the model itself: 0\.\d{3}; gain -?0\.\d{3} \[/m);
  const { info } = readModelInfo(at("probe", "model.safetensors"));
  expect(info).toMatchObject({ method: "probe", kernel: { centres: 60 } });
  done("score target probe --out scores.csv");
  const [head, ...rows] = table("scores.csv");
  const graded = rows.filter((row) => row[head!.indexOf("graded")] === "true").map(([id]) => id);
  const held = table("probe/held-out.csv").slice(1);
  expect(held).toHaveLength(60);
  expect(graded).toEqual(expect.arrayContaining(held.map(([id]) => id)));
});

test("the same grades make the same probe; a soft label is one of its flags", () => {
  done(`probe target so ${GRADED} --out twice`);
  expect(readFileSync(at("twice", "held-out.csv"))).toEqual(readFileSync(at("probe", "held-out.csv")));
  done("probe target so --graded grades.csv --graded-soft grade --graded-range 0,3 --out soft");
  const same = table("soft/held-out.csv").map(([, score]) => score);
  expect(same).toEqual(table("probe/held-out.csv").map(([, score]) => score));
});

test("a probe of a probe knows that its grades are no longer unseen", () => {
  const { stdout } = done(`probe target probe ${GRADED} --out again`);
  expect(stdout).toMatch(/warning: the model had learned from 60 of these 60 grades/);
});

test("where few lenses are graded, fewer folds are held out, or none, and it is said", () => {
  const few = (name: string) => `probe target so ${GRADED.replace("grades", name)} --out ${name}`;
  expect(done(few("few")).stdout).toMatch(/^the graded lenses are of 3 groups: 3 folds in place of 5$/m);
  expect(existsSync(at("few", "held-out.csv"))).toBe(true);
  expect(done(few("one")).stdout).toMatch(/^the graded lenses are of 1 group: nothing can be held out$/m);
  expect(existsSync(at("one", "held-out.csv"))).toBe(false);
});

test("features of another program are probed: scores of all rows that have some, taken as a finder's by combine", async () => {
  const target = await openDataset(at("target"));
  const lens = target.info.classes.indexOf("lens");
  const known = new Map(Array.from(target.labelledRows(), (row) => [row, target.labels([row])[0] === lens]));
  // The first number knows the class, the others nothing; the last row has no features.
  const draws = new Draws(3);
  const lines = [...target.ids.keys()]
    .slice(0, -1)
    .map((row) =>
      [
        target.ids[row],
        ...Array.from({ length: 4 }, (_, k) => draws.normal(k === 0 && known.get(row) ? 3 : 0).toFixed(4)),
      ].join(","),
    );
  const count = target.ids.length;
  target.close();
  writeFileSync(at("foreign.csv"), `id,z0,z1,z2,z3\n${lines.join("\n")}\n`);
  const { stdout } = done(`probe target --features foreign.csv ${GRADED} --out foreign`);
  expect(stdout).toMatch(/^foreign\.csv: 4 columns of numbers are features, z0 to z3; not id$/m);
  const held = /held out: AUROC (\S+) /.exec(stdout)![1];
  expect(Number(held)).toBeGreaterThan(0.9);
  expect(stdout).not.toContain("the model itself");
  expect(stdout).toMatch(new RegExp(`^foreign/scores\\.csv: ${count - 1} rows; best: `, "m"));
  const [head, ...rows] = table("foreign/scores.csv");
  expect(head).toEqual(expect.arrayContaining(["id", "rank", "score", "p_lens", "graded"]));
  const graded = rows.filter((row) => row[head!.indexOf("graded")] === "true").map(([id]) => id);
  expect(graded).toEqual(
    expect.arrayContaining(
      table("foreign/held-out.csv")
        .slice(1)
        .map(([id]) => id),
    ),
  );
  done(
    "combine foreign=foreign/held-out.csv so=probe/held-out.csv --graded grades.csv --positives 'grade = 3' " +
      "--negatives 'grade = 0' --out both",
  );
  done("score target probe --out of-probe.csv");
  done("combine foreign=foreign/scores.csv so=of-probe.csv --apply both/combination.json --out all.csv");
  expect(existsSync(at("all.csv"))).toBe(true);
  refused(/probe: needs one of <model> and --features, none is given/, `probe target ${GRADED} --out x`);
  refused(
    /probe: needs one of <model> and --features, both are given/,
    `probe target so --features foreign.csv ${GRADED} --out x`,
  );
  writeFileSync(at("others.csv"), "id,z\nnobody,1\n");
  refused(
    /others\.csv: has features of 0 of the 60 graded rows of grades\.csv/,
    `probe target --features others.csv ${GRADED} --out x`,
  );
});

test("what can't be learned or used is refused in one line", () => {
  refused(/out must be a name that is not taken/, `probe target so ${GRADED} --out probe`);
  refused(
    /gradedPositives and gradedNegatives must be given with --graded/,
    "probe target so --graded grades.csv --out x",
  );
  refused(
    /is a probe, whose classifier can't be trained further; start from the model/,
    "train source target --from probe --out x",
  );
});
