/**
 * What Arclet writes, it reads: every table and folder of a command given to every command that takes such. Commands run in
 * this process, on a made field of a few sources; networks have journeys of their own.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readCatalog } from "../../src/catalog/read.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { commandRunner } from "../../src/cli/run-command.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { writeScores } from "../../src/evaluate/scores.ts";
import { Service } from "../making/fetching/service.ts";
import { defaults, type Made, skyOf, writeMade } from "../sky/frames/made.ts";
import { slow } from "../slow.ts";

slow("a matrix of some ninety runs of small commands");

const folder = mkdtempSync(join(tmpdir(), "arclet-own-"));
const at = (...parts: string[]) => join(folder, ...parts);
const service = new Service();
let base = "";
const said: string[] = [];
const run = commandRunner(COMMANDS);
const refused = (message: RegExp, name: string, flags: Record<string, string | number>) =>
  expect(run(name, flags)).rejects.toThrow(message);

/** Ids that file names, SQL, floating-point numbers and terminals have trouble with. */
const IDS = [
  "10378571704892678144",
  "10378571704892678145",
  "a/b",
  "50% x",
  "ü+1",
  "007",
  "it's",
  "x_g",
  "-1",
  "J1+2",
];
const ENDS = ["csv", "tsv", "parquet", "vot", "fits"];
const rowsOf = async (path: string) => (await readCatalog(path)).table.count;
const text = (path: string) => readFileSync(path, "utf8");

beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation((line: string) => void said.push(String(line)));
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  base = await service.start();
  const sources: Made["sources"][number][] = [];
  for (let y = 30; y < 160; y += 60)
    for (let x = 22; x < 200; x += 40) {
      const [ra, dec] = skyOf(defaults, x, y);
      sources.push({ ra, dec, flux: 3000, sigma: 0.3 });
    }
  mkdirSync(at("frames"));
  for (const [k, band] of ["g", "r"].entries())
    writeMade(at("frames", `${band}.fits`), { sources, seed: k, header: { FILTER: band, MAGZERO: 27 } });
  const lines = IDS.map(
    (id, k) => `${id},${sources[k]!.ra},${sources[k]!.dec},${k % 4},${10378571704892678144n + BigInt(k)}`,
  );
  writeFileSync(at("objects.csv"), `id,ra,dec,grade,specobjid\n${lines.join("\n")}\n`);
  for (const end of ENDS) await run("detect", { frames: frames(), out: at(`found.${end}`), leastSnr: 15 });
  await run("cutouts", {
    frames: at("frames"),
    catalog: at("objects.csv"),
    bands: "g,r",
    size: 16,
    out: at("cut"),
  });
  await fetch("objects.csv", "fetched");
});
afterAll(async () => {
  await service.stop();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const frames = () => `${at("frames", "g.fits")},${at("frames", "r.fits")}`;
const fetch = (catalog: string, out: string) =>
  run("fetch", {
    catalog: at(catalog),
    survey: "legacy",
    bands: "g,r",
    size: 16,
    out: at(out),
    pause: 0,
    parallel: 8,
    baseUrl: base,
  });

/** Scores of a dataset's rows, as `score` writes them. */
async function scores(end: string): Promise<string> {
  const dataset = await openDataset(at("cut"));
  const probabilities = Float32Array.from({ length: 2 * dataset.count }, (_, k) => {
    const lens = ((k >> 1) + 0.5) / dataset.count;
    return k % 2 === 1 ? lens : 1 - lens;
  });
  const numbers = (name: string) => dataset.column(name) as (number | null)[];
  const positions = { ra: numbers("ra"), dec: numbers("dec") };
  const images = { ids: dataset.ids, classes: ["other", "lens"], probabilities, positive: 1, positions };
  dataset.close();
  if (!existsSync(at(`scores.${end}`))) await writeScores(at(`scores.${end}`), images);
  return `scores.${end}`;
}

/** FITS holds ASCII alone: one of the ids is none. */
const ascii = async (end: string) => (end === "fits" ? refusedScores() : [`found.${end}`, await scores(end)]);
async function refusedScores(): Promise<string[]> {
  await expect(scores("fits")).rejects.toThrow(/id must be printable ASCII, as FITS tables hold, got "ü\+1"/);
  return ["found.fits"];
}

describe.each(ENDS)("catalogues and scores as %s", (end) => {
  test("are exported, to every format", async () => {
    for (const table of await ascii(end))
      for (const to of ENDS.filter((one) => one !== "fits").concat("reg")) {
        const out = at(`${table}.to.${to}`);
        await run("export", { table: at(table), out });
        if (to !== "reg") expect(await rowsOf(out)).toBe(await rowsOf(at(table)));
      }
  });

  test("are cut out, fetched, imported with and checked against", async () => {
    for (const table of await ascii(end)) {
      const out = at(`${table}.cut`);
      await run("cutouts", { frames: at("frames"), catalog: at(table), bands: "g,r", size: 16, out });
      const cut = await openDataset(out);
      expect(cut.count).toBe(await rowsOf(at(table)));
      cut.close();
      await fetch(table, `${table}.fetched`);
      const images = at(`${table}.fetched`);
      await run("import", {
        images,
        table: at(table),
        bands: "g,r",
        splitColumn: "none",
        pixelScale: 0.2,
        out: `${images}.data`,
      });
      const data = await openDataset(`${images}.data`);
      expect(data.count).toBe(await rowsOf(at(table)));
      data.close();
      said.length = 0;
      await run("check", { datasets: at("cut"), catalog: at(table), out: at(`${table}.leaks.csv`) });
      expect(await rowsOf(at(`${table}.leaks.csv`))).toBeGreaterThanOrEqual(IDS.length);
      process.exitCode = 0;
    }
  });

  test("are truth and scores", async () => {
    const name = end === "fits" ? "scores.csv" : await scores(end);
    const truth = at(end === "fits" ? "found.fits" : name);
    const conditions = { positives: "ra >= 150.1", negatives: "ra < 150.1" };
    if (end === "fits")
      return refused(/no score for|not in/, "evaluate", {
        inputs: at(name),
        truth,
        ...conditions,
        out: at("no"),
      });
    await run("evaluate", { inputs: at(name), truth, ...conditions, out: at(`${name}.eval`) });
    expect(text(at(`${name}.eval`, "report.html"))).toContain("<html");
    const exact = {
      positives: "specobjid >= 10378571704892678148",
      negatives: "specobjid < 10378571704892678148",
    };
    await run("evaluate", {
      inputs: at(name),
      truth: at("cut", "table.parquet"),
      ...exact,
      out: at(`${name}.exact`),
    });
    const metrics = JSON.parse(text(at(`${name}.exact`, "metrics.json")));
    expect(JSON.stringify(metrics)).toMatch(/"positives":6\b/);
    await run("threshold", {
      input: at(name),
      truth: at("cut", "table.parquet"),
      positives: exact.positives,
      completeness: 0.5,
    });
  });
});

test("a dataset keeps ids and whole numbers to the digit, and its table is a catalogue", async () => {
  const dataset = await openDataset(at("cut"));
  expect([...dataset.ids].sort()).toEqual([...IDS].sort());
  const row = dataset.ids.indexOf("10378571704892678145");
  expect(dataset.column("specobjid")[row]).toBe(10378571704892678145n);
  dataset.close();
  const table = at("cut", "table.parquet");
  await run("export", { table, out: at("table.csv") });
  expect(text(at("table.csv"))).toContain("10378571704892678145");
  await run("cutouts", {
    frames: at("frames"),
    catalog: table,
    bands: "g,r",
    size: 16,
    out: at("cut-again"),
  });
  await run("split", { dataset: at("cut-again"), fractions: "0.5,0.25,0.25", out: at("split") });
  await run("export", { table: at("split", "table.parquet"), out: at("split.csv") });
  expect(text(at("split.csv"))).toContain("10378571704892678149");
  await run("check", { datasets: at("split") });
});

describe("fetched cutouts", () => {
  test("are imported with the catalogue that they were fetched for, or by their names alone", async () => {
    const flags = { images: at("fetched"), bands: "g,r", splitColumn: "none", pixelScale: 0.2 };
    await run("import", { ...flags, table: at("objects.csv"), out: at("with") });
    await run("import", { ...flags, out: at("without") });
    for (const name of ["with", "without"]) {
      const dataset = await openDataset(at(name));
      expect([...dataset.ids].sort()).toEqual([...IDS].sort());
      dataset.close();
    }
  });

  test("have a manifest and a list of what was set aside, which are tables", async () => {
    await run("export", { table: at("fetched", "manifest.csv"), out: at("manifest.parquet") });
    expect(await rowsOf(at("manifest.parquet"))).toBe(2 * IDS.length);
    await refused(/has no column of right ascension and declination/, "cutouts", {
      frames: at("frames"),
      catalog: at("fetched", "manifest.csv"),
      bands: "g",
      size: 16,
      out: at("no"),
    });
    writeFileSync(at("far.csv"), "id,ra,dec\nfar,10,10\n10378571704892678145,150.1,2.2\n");
    await run("cutouts", {
      frames: at("frames"),
      catalog: at("far.csv"),
      bands: "g",
      size: 16,
      out: at("near"),
    });
    await run("export", { table: at("near", "set-aside.csv"), out: at("aside.vot") });
    expect((await readCatalog(at("aside.vot"))).table.column("id")).toEqual(["far"]);
  });
});

test("regions are written, never read", () =>
  refused(/is a DS9 region file, which is only written, never read/, "export", {
    table: at("found.csv.to.reg"),
    out: at("no.csv"),
  }));
