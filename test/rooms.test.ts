import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { slow } from "./slow.ts";

slow("starts programs");

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs the check on a tree of files, given by their path below src. */
function check(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), "arclet-rooms-"));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, "src", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const run = spawnSync("node", ["scripts/check-rooms.mjs", root], { encoding: "utf8" });
  return { status: run.status, problems: run.stderr.trim().split("\n").filter(Boolean) };
}

test("the project's own rooms import in one direction", () => {
  const run = spawnSync("node", ["scripts/check-rooms.mjs"], { encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});

test("imports down the list pass", () => {
  const { status, problems } = check({
    "foundation/errors.ts": "export const a = 1;\n",
    "torch/tensor.ts": 'import { a } from "../foundation/errors.ts";\nexport const b = a;\n',
    "cli/main.ts": 'export { b } from "../torch/tensor.ts";\nimport { z } from "zod";\nz.any();\n',
  });
  expect(problems).toEqual([]);
  expect(status).toBe(0);
});

test("a forbidden import is named with file and line, whichever way it is written", () => {
  const { status, problems } = check({
    "cli/main.ts": "export const a = 1;\nexport type A = number;\n",
    "nn/linear.ts": "export const b = 1;\n",
    "sky/fits.ts": 'const x = 1;\n\nimport {\n  b,\n} from "../nn/linear.ts";\nexport const y = x + b;\n',
    "torch/tensor.ts": 'import type { A } from "../cli/main.ts";\nexport type B = A;\n',
    "train/loop.ts": 'export const load = () => import("../cli/main.ts");\n',
    "adapt/adda.ts": 'export * from "../sky/fits.ts";\n',
    "dataset/npy.ts": 'import "../adapt/adda.ts";\n',
  });
  expect(status).toBe(1);
  expect(problems).toEqual([
    "src/adapt/adda.ts:1: adapt may not import sky (../sky/fits.ts)",
    "src/dataset/npy.ts:1: dataset may not import adapt (../adapt/adda.ts)",
    "src/sky/fits.ts:5: sky may not import nn (../nn/linear.ts)",
    "src/torch/tensor.ts:1: torch may not import cli (../cli/main.ts)",
    "src/train/loop.ts:1: train may not import cli (../cli/main.ts)",
  ]);
});

test("comments and strings are no imports", () => {
  const { problems } = check({
    "foundation/a.ts":
      '// import { b } from "../cli/main.ts";\n/** import { b } from "../cli/main.ts"; */\nexport const url = "//x";\n',
    "cli/main.ts": "export const b = 1;\n",
  });
  expect(problems).toEqual([]);
});

test("files that import each other in a circle are refused, types alone too; an import at run time makes none", () => {
  const circle = check({
    "nn/a.ts": 'import { b } from "./b.ts";\nexport const a = () => b;\n',
    "nn/b.ts": 'import { c } from "./c.ts";\nexport const b = () => c;\n',
    "nn/c.ts": 'import { a } from "./a.ts";\nexport const c = () => a;\n',
  });
  expect(circle.status).toBe(1);
  expect(circle.problems).toEqual([
    "src/nn/c.ts:1: files import each other in a circle: nn/a.ts -> nn/b.ts -> nn/c.ts -> nn/a.ts",
  ]);
  const types = check({
    "nn/a.ts": 'import type { B } from "./b.ts";\nexport const a = (b: B) => b;\n',
    "nn/b.ts": 'import { a } from "./a.ts";\nexport type B = number;\na(1);\n',
  });
  expect(types.problems).toEqual([
    "src/nn/b.ts:1: files import each other in a circle: nn/a.ts -> nn/b.ts -> nn/a.ts",
  ]);
  const later = check({
    "cli/a.ts": 'export const a = () => import("./b.ts");\n',
    "cli/b.ts": 'import { a } from "./a.ts";\nexport const b = a;\n',
  });
  expect(later.problems).toEqual([]);
});

test("a room outside the list, a missing file and the package's own name are refused", () => {
  const { problems } = check({
    "utils/strings.ts": "export const a = 1;\n",
    "nn/a.ts": 'import { b } from "./gone.ts";\nimport { c } from "arclet/torch";\nexport { b, c };\n',
  });
  expect(problems).toEqual([
    "src/nn/a.ts:1: imports ./gone.ts, which does not exist",
    "src/nn/a.ts:2: imports arclet/torch, must be a relative path",
    "src/utils/strings.ts:1: utils is not a room (see scripts/check-rooms.mjs)",
  ]);
});

test("the package's face names rooms' faces alone", () => {
  const { problems } = check({
    "index.ts": 'export * as nn from "./nn/index.ts";\nexport { b } from "./nn/linear.ts";\n',
    "nn/index.ts": 'export { b } from "./linear.ts";\n',
    "nn/linear.ts": "export const b = 1;\n",
  });
  expect(problems).toEqual(["src/index.ts:2: imports ./nn/linear.ts, must be a room's index.ts"]);
});
