/** The code and commands of docs/python.md, run as they stand on small data; without Python or its modules, skipped. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLine } from "../cli/arclet.ts";
import { type Block, blocksOf, commandsOf, smaller } from "./guide.ts";
import { makeWorld } from "./world.ts";

const GUIDE = "docs/python.md";
/** The first Python here that has what the guide imports. */
const python = ["python3", "/usr/bin/python3"].find(
  (one) => spawnSync(one, ["-c", "import numpy, pandas, astropy.table"]).status === 0,
);

describe.skipIf(python === undefined)("a notebook reads what Arclet leaves, and Arclet its grades", () => {
  const folder = mkdtempSync(join(tmpdir(), "arclet-python-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { done } = commandLine(folder);
  const printed = new Map<string, string>();

  const runBlock = (block: Block) => {
    if (block.language === "sh") for (const line of commandsOf(block)) done(smaller(line));
    if (block.language !== "python") return;
    writeFileSync(join(folder, block.file!), block.code);
    const { status, stdout, stderr } = spawnSync(python!, [block.file!], { cwd: folder, encoding: "utf8" });
    expect(status, stderr).toBe(0);
    printed.set(block.file!, stdout);
  };
  beforeAll(async () => {
    await makeWorld(folder, done);
    for (const block of blocksOf(GUIDE)) runBlock(block);
  }, 600_000);

  test("the dataset's description, table and images", () => {
    expect(printed.get("dataset.py")).toBe("['i', 'r', 'g'] 0.187 60 (3, 48, 48) uint8\n");
  });

  test("scores in pandas and astropy, the best first", () => {
    const best = readFileSync(join(folder, "scores.csv"), "utf8").split("\n")[1]!.split(",")[0]!;
    const lines = printed.get("scores.py")!.split("\n");
    expect(lines[1]).toContain(best);
    expect(lines.at(-2)).toMatch(/'id', 'rank', 'score'.* 60 0?\.\d+/);
  });

  test("grades written by pandas, learned by probe and train", () => {
    const rows = readFileSync(join(folder, "grades.csv"), "utf8").trimEnd().split("\n");
    expect(rows[0]).toBe("id,grader,grade");
    expect(rows).toHaveLength(1 + 20);
    const { rows: learned } = JSON.parse(readFileSync(join(folder, "runs", "taught", "graded.json"), "utf8"));
    expect(learned).toHaveLength(20);
  });

  test("grades of a search", () => {
    expect(printed.get("inspected.py")).toMatch(/^grader +grade/);
  });

  test("an array made by NumPy, as a dataset", () => {
    const mine = join(folder, "data", "mine");
    const info = JSON.parse(readFileSync(join(mine, "dataset.json"), "utf8"));
    expect(info).toMatchObject({ bands: ["i", "r", "g"], pixels: "display", shape: [3, 48, 48] });
    // A saturated galaxy may be among them.
    const log = join(mine, "set-aside.csv");
    const setAside = existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n").length - 1 : 0;
    expect(info.count + setAside).toBe(20);
  });
});
