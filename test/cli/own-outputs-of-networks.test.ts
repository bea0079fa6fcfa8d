/**
 * What commands with networks write, Arclet reads: the tables of `explain`, `embed`, `tune` and `compare`, given to every
 * command that takes a table. See own-outputs.test.ts for the rest.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readCatalog } from "../../src/catalog/read.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { commandRunner } from "../../src/cli/run-command.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

slow("trains four networks of a second each");

const folder = folderWith("source", "target", "so");
const at = (...parts: string[]) => join(folder, ...parts);
const { done } = commandLine(folder);
const run = commandRunner(COMMANDS);
const ID = "sim-cfhtls-1-0000004";

/** Each with whether its rows are objects, and whether an object has one row. */
const TABLES = [
  { file: "explain/explain.csv", objects: true, once: true },
  { file: "embedding/embedding.csv", objects: true, once: true },
  { file: "embedding/neighbours.csv", objects: true, once: true },
  { file: "tuned/trials.csv", objects: false, once: false },
  { file: "compared/table.csv", objects: false, once: false },
  { file: "compared/differences.csv", objects: false, once: false },
];
const rowsOf = async (path: string) => (await readCatalog(path)).table.count;

beforeAll(() => {
  done("explain target so --top 6 --method gradcam --out explain");
  const embed = `embed target --runs so --most 40 --folds 2 --projection pca --neighbours ${ID} --count 4`;
  done(`${embed} --out embedding`);
  const small = "epochs: 1\nbatch: 16\nprecision: float32\n";
  writeFileSync(at("base.yaml"), `${small}cnn.widths: [4, 8]\nadda.epochs: 1\nadda.batch: 16\n`);
  done("tune source target --method adda --encoder cnn --base base.yaml --trials 1 --out tuned");
  writeFileSync(
    at("c.yaml"),
    "source: source\ntarget: target\nout: compared\nencoders: { small: { encoder: cnn, cnn.widths: [4, 8] } }\n" +
      "methods: { source-only: , other: { method: source-only, settings: { lr: 0.02 } } }\nseeds: [0]\n" +
      "settings: { epochs: 1, batch: 16, precision: float32 }\n",
  );
  done("compare c.yaml");
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterAll(() => void vi.restoreAllMocks());

describe.each(TABLES)("$file", ({ file, objects }) => {
  const name = file.replace(/\W/g, "-");

  test("is exported to every format, and read back", async () => {
    const count = await rowsOf(at(file));
    expect(count).toBeGreaterThan(0);
    for (const end of ["csv", "tsv", "parquet", "vot", "fits"]) {
      await run("export", { table: at(file), out: at(`${name}.${end}`) });
      expect(await rowsOf(at(`${name}.${end}`)), end).toBe(count);
    }
  });

  test("is truth, or is refused for lack of ids", async () => {
    done("score target so --out scores.csv");
    for (const end of ["csv", "parquet", "vot"]) {
      const judge = () =>
        run("evaluate", {
          inputs: at("scores.csv"),
          truth: at(`${name}.${end}`),
          positives: "true",
          negatives: "false",
          out: at(`${name}.${end}.truth`),
        });
      // Every object is a positive: no AUROC, and a sentence that says so; or no column names the objects.
      await expect(judge()).rejects.toThrow(objects ? /negative/ : /id column|columns/);
    }
  });

  test("is checked against and imported with, where its rows are objects", async () => {
    for (const end of ["csv", "parquet", "fits"]) {
      const check = () =>
        run("check", { datasets: at("target"), catalog: at(`${name}.${end}`), out: at(`${name}.leaks.csv`) });
      if (!objects) {
        await expect(check()).rejects.toThrow(/id|ra/);
        continue;
      }
      await check();
      expect(await rowsOf(at(`${name}.leaks.csv`))).toBeGreaterThan(0);
      process.exitCode = 0;
    }
  });
});

test("explained objects are scores for evaluate and threshold", async () => {
  for (const end of ["csv", "parquet", "vot", "fits"]) {
    const table = at(`explain-explain-csv.${end}`);
    const ids = (await readCatalog(table)).table.column("id").map((id) => `'${id}'`);
    const truth = at("target", "table.parquet");
    const first = ids.slice(0, 2).join(", ");
    const flags = { truth, positives: `id IN (${first})`, negatives: `id IN (${ids.slice(2).join(", ")})` };
    await run("evaluate", { inputs: table, ...flags, out: at(`judged-${end}`) });
    const [result] = JSON.parse(readFileSync(at(`judged-${end}`, "metrics.json"), "utf8")).results;
    // the two best of six by their own scores
    expect(result.metrics.auroc.value).toBe(1);
    await run("threshold", { input: table, truth, positives: `id IN (${first})`, completeness: 0.5 });
  }
});

test("the best trial's values train, and the dataset is untouched", async () => {
  done("train --config tuned/best.json --out best");
  expect(existsSync(at("best", "model.safetensors"))).toBe(true);
  const dataset = await openDataset(at("target"));
  expect(dataset.count).toBe(96);
  dataset.close();
});
