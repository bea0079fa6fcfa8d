/** The code of docs/library.md and docs/method.md, compiled and run: the guides stay true. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { methods } from "../../src/adapt/registry.ts";
import { checkPlugin } from "../../src/plugins/contract.ts";
import { checkMethod } from "../../src/testing/method.ts";
import { tensor } from "../../src/torch/create.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { slow } from "../slow.ts";
import { settledTensors } from "../torch/leaks.ts";

slow("compiles and trains");

const root = fileURLToPath(new URL("../..", import.meta.url));
const guide = ["library.md", "method.md"]
  .map((name) => readFileSync(join(root, "docs", name), "utf8"))
  .join("\n");
/** Beside the tests, where packages are found. */
const folder = mkdtempSync(join(root, "test", "docs", "library-"));
const files = new Map<string, string>();

// biome-ignore lint/suspicious/noExplicitAny: what the guide exports is checked by the compiler, below.
const load = (name: string): Promise<any> => import(pathToFileURL(files.get(name)!).href);

beforeAll(async () => {
  for (const [, name, code] of guide.matchAll(/^```ts file=(\S+)\n([\s\S]*?)^```$/gm)) {
    const path = join(folder, name!);
    mkdirSync(dirname(path), { recursive: true });
    // A subpath of the package is its room.
    const at = (room: string) => join(root, "src", room, "index.ts");
    writeFileSync(
      path,
      code!.replace(/from "arclet\/(\w+)"/g, (_, room) => `from "${at(room)}"`),
    );
    files.set(name!, path);
  }
  const path = files.get("feature-mean.ts")!;
  for (const one of checkPlugin(path, await load("feature-mean.ts")).methods) methods.register(one);
  const { writeDomain } = await import("../tiny/domains.ts");
  const label = (i: number) => i % 2;
  await writeDomain(folder, { name: "source", count: 48, label });
  await writeDomain(folder, { name: "target", count: 48, label: () => null, picture: label, offset: 30 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every block of the guide is a file that is tested", () => {
  expect([...files.keys()]).toEqual([
    "open.ts",
    "train.ts",
    "simulate.ts",
    "predict.ts",
    "export.ts",
    "evaluate.ts",
    "grades.ts",
    "errors.ts",
    "feature-mean.ts",
    "feature-mean.test.ts",
  ]);
  expect(guide.match(/^```ts/gm)).toHaveLength(files.size);
});

test("the guide's code has the right types", () => {
  const settings = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { rewriteRelativeImportExtensions: false },
    include: [],
    files: [...files.values()],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const compiler = join(root, "node_modules", ".bin", "tsc");
  const { stdout, status } = spawnSync(compiler, ["-p", join(folder, "tsconfig.json")], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

test("a dataset is opened", async () => {
  const { describe } = await load("open.ts");
  const { shape, count, share, mean } = await describe(join(folder, "source"));
  expect({ shape, count, share }).toEqual({ shape: [1, 12, 12], count: 48, share: 0.5 });
  // Noise from 20 to 59, and a bar over a third of the columns that is 60 brighter.
  expect(mean).toBeCloseTo(39.5 + 20, 0);
});

test("a dataset that is not there is told from one that is damaged", async () => {
  const { openIfPresent } = await load("errors.ts");
  expect(await openIfPresent(join(folder, "nowhere"))).toBe(null);
  mkdirSync(join(folder, "damaged"));
  writeFileSync(join(folder, "damaged", "dataset.json"), "{");
  await expect(openIfPresent(join(folder, "damaged"))).rejects.toMatchObject({ code: "broken" });
});

test("a run is trained, and ranks the target", async () => {
  const [{ adapt }, { rank }] = [await load("train.ts"), await load("predict.ts")];
  const out = join(folder, "run");
  const { epoch, score } = await adapt(join(folder, "source"), join(folder, "target"), "source-only", out);
  expect(epoch).toBe(1);
  expect(Number.isFinite(score)).toBe(true);
  const before = await settledTensors();
  const ranked: { id: string; score: number }[] = await rank(join(folder, "target"), out);
  expect(liveTensors()).toBeLessThanOrEqual(before);
  expect(new Set(ranked.map(({ id }) => id)).size).toBe(48);
  expect(ranked.every(({ score: one }, i) => i === 0 || one <= ranked[i - 1]!.score)).toBe(true);
});

test("a run's model is exported", async () => {
  const { toOnnx } = await load("export.ts");
  const { outputs, apart } = await toOnnx(join(folder, "run"), join(folder, "finder.onnx"));
  expect(outputs).toEqual(["logits", "score", "calibrated"]);
  if (apart !== null) expect(apart).toBeLessThan(1e-4);
});

test("a sky is simulated", async () => {
  const { sky } = await load("simulate.ts");
  const { shape, classes } = await sky(join(folder, "sky"), "hsc", 8);
  expect(classes).toEqual(["not-lens", "lens"]);
  expect(shape.slice(1)).toEqual([24, 24]);
});

test("scores are judged", async () => {
  const { judge } = await load("evaluate.ts");
  const { auroc, low, high, tpr0 } = judge(
    [0.9, 0.8, 0.3, 0.7, 0.2, 0.1],
    [true, true, true, false, false, false],
  );
  // Eight of nine pairs are in order; two of three lenses come before the first other.
  expect(auroc).toBeCloseTo(8 / 9, 12);
  expect(low).toBeLessThan(auroc);
  expect(high).toBeGreaterThan(auroc);
  expect(tpr0).toBeCloseTo(2 / 3, 12);
});

test("grades of several people are one probability", async () => {
  const { consensus } = await load("grades.ts");
  const grades = [
    [1, 1, 1],
    [0, 0, 0],
    [1, 1, 0],
    [0, 0, 0],
    [1, 1, 1],
  ].flatMap((row, object) => row.map((grade, grader) => ({ object, grader, grade })));
  const { lens, agreement } = consensus(grades, 5, 3);
  expect(lens.map((p: number) => p > 0.5)).toEqual([true, false, true, false, true]);
  expect(agreement).toBeGreaterThan(0.5);
  expect(agreement).toBeLessThan(1);
});

test("the method's loss is its formula", async () => {
  const { lossMean } = await load("feature-mean.ts");
  const value = tidy(() => {
    const fS = tensor([
      [1, 2],
      [3, 6],
    ]);
    const fT = tensor([
      [0, 0],
      [1, 1],
      [2, 5],
    ]);
    return (lossMean(fS, fT, tensor([0.25, 0.75])) as Tensor).item();
  });
  // m_s = (2.5, 5), m_t = (1, 2): (1.5² + 3²) / 2
  expect(value).toBeCloseTo((2.25 + 9) / 2, 6);
});

test("the method keeps every promise", async () => {
  const { featureMean } = await load("feature-mean.ts");
  await checkMethod(featureMean);
});

test("the method is trained by name, once the plug-in is loaded", async () => {
  const { featureMean } = await load("feature-mean.ts");
  expect(methods.find("feature-mean")).toBe(featureMean);
  const { adapt } = await load("train.ts");
  const out = join(folder, "feature-mean");
  const { numbers } = await adapt(join(folder, "source"), join(folder, "target"), "feature-mean", out);
  expect(numbers.featureMean).toBeGreaterThan(0);
  expect(numbers.loss).toBeGreaterThan(0);
});
