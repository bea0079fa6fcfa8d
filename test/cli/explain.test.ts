/** `arclet explain`: heat maps of images, their report, and the check of the methods themselves. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { commandLine, program } from "./arclet.ts";

const folder = folderWith("source", "target", "so");
const at = (...names: string[]) => join(folder, ...names);
const { done, refused } = commandLine(folder);
const csv = (...names: string[]) =>
  readFileSync(at(...names), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), "utf8"));

const SIDE = 24;

test("the highest scores are explained: maps, a table, panels, a mosaic and a report, the same twice", () => {
  const line = "explain target so --top 3 --method gradcam,occlusion";
  expect(done(`${line} --out one`).stdout).toMatch(/^one: heat maps of 3 images/);
  done(`${line} --out two`);
  const [head, ...rows] = csv("one", "explain.csv");
  expect(head).toEqual(["id", "rank", "score", "method", "row", "max", "peak_x", "peak_y", "radius"]);
  expect(rows.map((row) => row[3])).toEqual([
    "gradcam",
    "occlusion",
    "gradcam",
    "occlusion",
    "gradcam",
    "occlusion",
  ]);
  done("score target so --out scores.csv");
  const best = csv("scores.csv").slice(1, 4);
  expect(rows.filter((_, k) => k % 2 === 0).map(([id]) => id)).toEqual(best.map(([id]) => id));
  for (const [k, row] of rows.entries()) {
    expect(Number(row[2])).toBeCloseTo(Number(best[k >> 1]![2]), 6);
  }
  for (const name of ["explain.csv", "maps-gradcam.npy", "maps-occlusion.npy", "mosaic.png"])
    expect(readFileSync(at("one", name)).equals(readFileSync(at("two", name))), name).toBe(true);
  expect(readFileSync(at("one", "maps-gradcam.npy")).length).toBe(128 + 3 * 4 * SIDE * SIDE);
  expect(readdirSync(at("one", "panels"))).toHaveLength(3);
  const report = readFileSync(at("one", "report.html"), "utf8");
  expect(report).toContain("Explained is the logit of lens.");
  // Of each image and method: the image, the heat, its line; words are text.
  expect(report.match(/<svg [^>]*aria-label="1 {2}p\(lens\)/g)).toHaveLength(1);
  for (const [id] of best) expect(report).toContain(`>${id}</text>`);
  expect(report).toContain(">occlusion</text>");
  expect(report).not.toMatch(/(src|href)="https?:/);
});

test("named objects come best first; the largest heat in the table is the map's", () => {
  const ids = ["sim-cfhtls-1-0000004", "sim-cfhtls-1-0000009"];
  done(`explain target so --ids ${ids.join(",")} --method gradcam++ --output log-odds --out named`);
  const rows = csv("named", "explain.csv").slice(1);
  expect(rows.map(([id]) => id).sort()).toEqual(ids);
  expect(Number(rows[0]![2])).toBeGreaterThanOrEqual(Number(rows[1]![2]));
  const bytes = readFileSync(at("named", "maps-gradcam++.npy"));
  const maps = Array.from({ length: 2 * SIDE * SIDE }, (_, i) => bytes.readFloatLE(128 + 4 * i));
  for (const [k, row] of rows.entries()) {
    const map = maps.slice(k * SIDE * SIDE, (k + 1) * SIDE * SIDE);
    const max = Math.max(...map);
    expect(Number(row[5])).toBe(max);
    if (max > 0) expect(map[Number(row[7]) * SIDE + Number(row[6])]).toBe(max);
  }
});

test("a split is explained whole, with as many panels as asked", () => {
  done("score target so --splits test --out test.csv");
  const sealed = csv("test.csv").slice(1);
  done("explain target so --splits test --pictures 2 --out split");
  expect(
    new Set(
      csv("split", "explain.csv")
        .slice(1)
        .map(([id]) => id),
    ),
  ).toEqual(new Set(sealed.map(([id]) => id)));
  expect(readdirSync(at("split", "panels"))).toHaveLength(2);
});

test("where files may not grow, the maps that were made stay, and the same command goes on from them", () => {
  const line = "explain target so --top 96 --method gradcam,occlusion --pictures 6";
  done(`${line} --out straight`);
  // Of 1024 bytes: the maps of 32 images are 72 of them, those of 64 are 144
  const limited = `ulimit -f 120; exec node ${program} ${line} --out grown`;
  const { status, stderr } = spawnSync("bash", ["-c", limited], { cwd: folder, encoding: "utf8" });
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
    /^arclet: .*larger than allowed.*; what was made is kept in grown\.partial: the same command resumes/,
  );
  expect(status).not.toBe(0);
  refused(/grown\.partial: was started with window 8, now 9/, `${line} --window 9 --out grown`);
  done(`${line} --out grown`);
  for (const name of ["explain.csv", "maps-gradcam.npy", "maps-occlusion.npy", "mosaic.png"])
    expect(readFileSync(at("grown", name)).equals(readFileSync(at("straight", name))), name).toBe(true);
  expect(readdirSync(at("grown")).sort()).toEqual(readdirSync(at("straight")).sort());
  expect(readdirSync(at("grown", "panels"))).toHaveLength(6);
});

test("sanity: every method is judged against fresh weights and the true arcs", () => {
  const { stdout } = done(
    "explain source so --sanity --networks 2 --count 12 --method gradcam,occlusion --stride 8 --out sane",
  );
  expect(stdout).toContain("on the arc / area");
  const { methods, lenses, arcArea } = json("sane", "sanity.json");
  expect(methods.map(({ method }: { method: string }) => method)).toEqual(["gradcam", "occlusion"]);
  expect(lenses.length).toBeGreaterThan(1);
  expect(lenses.length).toBeLessThanOrEqual(12);
  expect(arcArea).toBeGreaterThan(0);
  expect(arcArea).toBeLessThan(1);
  for (const { correlation, ofNetworks } of methods)
    for (const what of ["classifier", "all"]) {
      expect(ofNetworks[what]).toHaveLength(2);
      if (correlation[what] !== null) expect(Math.abs(correlation[what].value)).toBeLessThanOrEqual(1);
    }
  const known = methods[1].onArc;
  expect(known.low).toBeLessThanOrEqual(known.value);
  expect(known.high).toBeGreaterThanOrEqual(known.value);
  expect(readFileSync(at("sane", "report.html"), "utf8")).toContain("Lenses, the true arc outlined");
});

test("what can't be explained is refused in one line, and nothing is left", () => {
  refused(
    /target: id must be one of its 96 ids.*got "sim-cfhtls-1-x"/,
    "explain target so --ids sim-cfhtls-1-x --out no",
  );
  refused(
    /ids must be all different/,
    "explain target so --ids sim-cfhtls-1-0000004,sim-cfhtls-1-0000004 --out no",
  );
  refused(/out must be a name that is not taken/, "explain target so --out so");
  refused(
    /window must be a whole number from 1 to the image's 24 pixels/,
    "explain target so --method occlusion --window 25 --out no",
  );
  expect(existsSync(at("no"))).toBe(false);
  expect(existsSync(at("no.partial"))).toBe(false);
});
