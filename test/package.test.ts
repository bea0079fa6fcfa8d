/** The package as its users have it: packed, installed in an empty folder, set up, run, imported. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slow } from "./slow.ts";

slow("installs the package");

const folder = mkdtempSync(join(tmpdir(), "arclet-package-"));
const app = join(folder, "app");
const installed = join(app, "node_modules", "arclet");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, args: readonly string[], cwd = app) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
}

/** Whether packages can be had: from npm's cache or its registry. */
function install(): boolean {
  const packed = run("npm", ["pack", resolve("."), "--ignore-scripts", "--pack-destination", folder], ".");
  expect(packed.status, packed.stderr).toBe(0);
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), '{ "name": "app", "private": true, "type": "module" }\n');
  const file = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  const options = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  return run("npm", ["install", join("..", file), ...options]).status === 0;
}

test("npm ci of a clone runs no script that would fetch ONNX Runtime's CUDA libraries", () => {
  // npm 11 reads package.json; npm 10 runs the scripts of packages that the lock file says have one.
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const runtimes = Object.keys(packages).filter((path) => path.endsWith("node_modules/onnxruntime-node"));
  expect(runtimes).toHaveLength(1);
  for (const path of runtimes) expect(packages[path].hasInstallScript).toBeUndefined();
  expect(JSON.parse(readFileSync("package.json", "utf8")).allowScripts["onnxruntime-node"]).toBe(false);
});

const there = install();

describe.skipIf(!there)("the installed package", () => {
  beforeAll(() => {
    expect(run("npx", ["arclet", "surveys"])).toEqual({
      status: 2,
      stdout: "",
      stderr: "arclet: not set up (build/torch.node, build/sky.node missing): run npx arclet setup\n",
    });
    // What set-up would build from the same sources, and takes a minute for.
    mkdirSync(join(installed, "build"));
    for (const file of readdirSync("build").filter((name) => /^(torch|sky)\./.test(name)))
      cpSync(join("build", file), join(installed, "build", file));
    const { status, stderr } = run("npx", ["arclet", "setup"]);
    expect(status, stderr).toBe(0);
  });

  test("holds what is needed, and no more", () => {
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
    for (const needed of [
      "dist/cli/main.js",
      "dist/web/index.html",
      "finders/hsc/card.yaml",
      "README.md",
      "LICENSE",
    ])
      expect(files).toContain(needed);
    const unneeded = files.filter((file) => /\.map$|tsbuildinfo|\.csv$|^src|^test|^bench/.test(file));
    expect(unneeded).toEqual([]);
  });

  test("lists surveys, and scores by a finder that comes along", () => {
    expect(run("npx", ["arclet", "surveys"]).stdout).toContain("CFHTLS-Wide");
    const simulated = run("npx", [
      ...["arclet", "simulate", "images", "--survey", "hsc", "--pixels", "flux", "--bands", "g,r,i"],
      ...["--size", "64", "--count", "12", "--seed", "1"],
    ]);
    expect(simulated.status, simulated.stderr).toBe(0);
    const scored = run("npx", ["arclet", "score", "images", "hsc", "--out", "ranked.csv"]);
    expect(scored.status, scored.stderr).toBe(0);
    expect(existsSync(join(app, "ranked.csv"))).toBe(true);
  });

  test.each([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])(
    "its types hold under module %s, resolved as by %s, with every declaration checked",
    (module, resolution) => {
      writeFileSync(
        join(app, "own.ts"),
        `import { evaluate } from "arclet";
import { auroc, rankScores } from "arclet/evaluate";
import { simulate } from "arclet/making";
import { train } from "arclet/train";
const ranked = rankScores(Float64Array.from([0.9, 0.1, 0.8]), Uint8Array.from([1, 0, 1]));
const value: number = auroc(ranked);
console.log(value, [simulate, train, evaluate.auroc].every((one) => typeof one === "function"));
`,
      );
      const compiled = run(process.execPath, [
        ...[
          resolve("node_modules/typescript/bin/tsc"),
          "--strict",
          "--target",
          "es2022",
          "--skipLibCheck",
          "false",
        ],
        ...["--module", module, "--moduleResolution", resolution, "--outDir", "out", "own.ts"],
      ]);
      expect(compiled).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(run(process.execPath, ["out/own.js"]).stdout).toBe("1 true\n");
    },
  );

  test("an AUROC needs no libtorch", () => {
    rmSync(join(installed, "build", "torch.node"));
    expect(run(process.execPath, ["out/own.js"]).stdout).toBe("1 true\n");
  });
});
