/** The whole way through the command line, on small data: what an astronomer types, and what goes wrong for them. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-journey-"));
const at = (...names: string[]) => join(folder, ...names);
afterAll(() => rmSync(folder, { recursive: true }));

const { done, refused } = commandLine(folder);
const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), "utf8"));
const csv = (name: string) =>
  readFileSync(at(name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));

const SOURCE = "--survey hsc --pixel-scale 0.187 --count 96 --size 24";
const SMALL = "--encoder cnn --cnn.widths 4,8 --batch 16 --epochs 1 --precision float32";

/** What a model's file says of itself. */
function calibrationOf(run: string) {
  const bytes = readFileSync(at(run, "model.safetensors"));
  const head = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
  return JSON.parse(head.__metadata__.arclet).calibration;
}

beforeAll(() => {
  done(`simulate source ${SOURCE}`);
  done("simulate target --count 96 --size 24 --seed 1 --test-fraction 0.5");
  done(`train source --method source-only --out so ${SMALL}`);
  done("train source target --from so --out adda --adda.epochs 1");
}, 120_000);

test("the same seed simulates the same pixels, and another seed other ones", () => {
  done(`simulate again ${SOURCE}`);
  done(`simulate other ${SOURCE} --seed 7`);
  const pixels = (name: string) => readFileSync(at(name, "images-00000.npy"));
  expect(pixels("again").equals(pixels("source"))).toBe(true);
  expect(pixels("other").equals(pixels("source"))).toBe(false);
});

test("a run's folder holds its configuration, log, models and where each value came from", () => {
  expect(json("adda", "config.json").origin).toMatchObject({ "adda.epochs": "flag", "adda.lr": "default" });
  for (const name of ["log.jsonl", "model.safetensors", "model-last.safetensors", "checkpoints"])
    expect(existsSync(at("adda", name))).toBe(true);
});

test("scores are ranked, the same twice, and the same as Parquet", () => {
  for (const name of ["a.csv", "b.csv", "a.parquet"]) done(`score target adda --out ${name}`);
  const [head, ...rows] = csv("a.csv");
  expect(csv("b.csv")).toEqual([head, ...rows]);
  expect(head).toEqual(["id", "rank", "score", "p_not-lens", "p_lens", "calibrated"]);
  expect(rows).toHaveLength(96);
  const scores = rows.map((row) => Number(row[2]));
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  for (const row of rows) expect(Number(row[3]) + Number(row[4])).toBeCloseTo(1, 5);
  writeFileSync(at("truth.csv"), `id,grade\n${rows.map((row, k) => `${row[0]},${k % 3}`).join("\n")}\n`);
  const table = (kind: string) =>
    done(
      `evaluate a.${kind} --truth truth.csv --positives 'grade >= 2' --negatives 'grade < 1' --out by-${kind}`,
    ).stdout;
  const plain = (text: string) => text.replaceAll("parquet", "csv").replace(/[ ─]+/g, " ");
  expect(plain(table("parquet"))).toBe(plain(table("csv")));
});

test("scores of a catalogue's objects carry their positions into VOTable, FITS and DS9 regions", () => {
  const objects = Array.from(
    { length: 96 },
    (_, k) => `obj-${k},00:00:${String(k % 60).padStart(2, "0")},${k / 10}`,
  );
  writeFileSync(at("objects.csv"), `designation,RAJ2000,DEJ2000\n${objects.join("\n")}\n`);
  const { bands, pixelScale } = json("target", "dataset.json");
  const told = done(
    `import target/images-00000.npy --table objects.csv --bands ${bands} --pixel-scale ${pixelScale} --layout chw --max-saturated 1 --out placed`,
  ).stdout;
  expect(told).toMatch(/id is designation, ra is RAJ2000, dec is DEJ2000/);
  for (const end of ["csv", "vot", "fits", "reg"]) done(`score placed so --out placed.${end} --radius 3`);
  const [head, ...rows] = csv("placed.csv");
  expect(head!.slice(-2)).toEqual(["ra", "dec"]);
  for (const row of rows) {
    const k = Number(row[0]!.slice("obj-".length));
    expect([Number(row.at(-2)), Number(row.at(-1))]).toEqual([expect.closeTo((k % 60) / 240, 10), k / 10]);
  }
  for (const end of ["vot", "fits"]) {
    done(`export placed.${end} --out from-${end}.csv`);
    expect(csv(`from-${end}.csv`)).toEqual(csv("placed.csv"));
  }
  const circles = readFileSync(at("placed.reg"), "utf8").match(
    /^circle\(.*,3"\) # color=#[0-9a-f]{6} text=\{obj-\d+ .*\}$/gm,
  );
  expect(circles).toHaveLength(96);
  refused(/x\.reg: DS9 regions need positions, and target has no ra and dec/, "score target so --out x.reg");
});

test("calibrated probabilities follow the prior that is given, estimated or the source's", () => {
  const calibrated = (flags: string) => {
    const { stdout } = done(`score target adda --out calibrated.csv ${flags}`);
    const rows = csv("calibrated.csv").slice(1);
    return { stdout, p: new Map(rows.map((row) => [row[0]!, Number(row[5])])) };
  };
  const source = calibrated("--prior-from none");
  const rare = calibrated("--prior 0.99,0.01");
  expect(source.stdout).toMatch(
    /adda: temperature [\d.]+, the source's prior \(not-lens 0\.\d+, lens 0\.\d+\)/,
  );
  expect(calibrated("--calibration isotonic").stdout).toMatch(/adda: isotonic, prior by em \(not-lens/);
  const own = calibrationOf("adda").prior as [number, number];
  for (const [id, p] of source.p) {
    const odds = (p / (1 - p)) * (0.01 / 0.99) * (own[0] / own[1]);
    expect(rare.p.get(id)).toBeCloseTo(odds / (1 + odds), 5);
  }
  refused(
    /--prior must be 2 parts \(not-lens, lens\) with sum 1/,
    "score target adda --prior 0.5,0.4 --out x.csv",
  );
}, 120_000);

test("two models give the mean of their probabilities", () => {
  const lens = (models: string) => {
    done(`score target ${models} --out mean.csv`);
    return new Map(
      csv("mean.csv")
        .slice(1)
        .map((row) => [row[0]!, Number(row[2])]),
    );
  };
  const [a, b, both] = [lens("so"), lens("adda"), lens("so adda")];
  for (const [id, score] of both) expect(score).toBeCloseTo((a.get(id)! + b.get(id)!) / 2, 6);
});

test("evaluating opens the seal, logs it, and says how often it was open before", () => {
  for (const name of ["first", "second"]) done(`evaluate so adda --data target --out ${name}`);
  const openedBefore = (name: string) => json(name, "metrics.json").seal.openedBefore;
  expect([openedBefore("first"), openedBefore("second")]).toEqual([0, 1]);
  expect(readFileSync(at("target", "seal.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(2);
  const { results } = json("first", "metrics.json") as { results: { checkpoint: string }[] };
  expect(results.map(({ checkpoint }) => checkpoint)).toEqual(["chosen", "last", "chosen", "last"]);
  const { metrics } = json("first", "metrics.json").results[0];
  expect(metrics.calibrated).toMatchObject({ by: expect.stringMatching(/^temperature .*prior by em$/) });
  expect(metrics.completeness.along.map(({ column }: { column: string }) => column)).toContain("theta_e");
  expect(metrics.falsePositivesByKind.length).toBeGreaterThan(1);
  done("evaluate adda --data target --threshold source --out by-source");
  const point = json("by-source", "metrics.json").results[0].metrics.operatingPoint;
  expect(point.chosen).toContain("source's validation rows");
  expect(existsSync(at("first", "figures", "completeness-map.svg"))).toBe(true);
  const report = readFileSync(at("first", "report.html"), "utf8");
  expect(report).toContain("Completeness map");
  expect(report).toContain("opened");
  expect(report).not.toMatch(/(src|href)="https?:/);
}, 120_000);

test("a threshold of a run comes from its source's lenses, and says so", () => {
  const { stdout } = done("threshold adda --completeness 0.5 --out threshold.json");
  expect(stdout).toMatch(/^threshold 0\.\d+\nIt finds a further positive with a probability of 0\.5 or more/);
  expect(stdout).toMatch(
    /It holds for simulated lenses as the recipe default draws them.*split val of source.*not real ones/,
  );
  const { threshold } = json("threshold.json");
  done(`evaluate adda --data target --threshold ${threshold} --out at-threshold`);
  const [{ metrics }] = json("at-threshold", "metrics.json").results;
  expect(metrics.operatingPoint.threshold).toBe(threshold);
  refused(/positives must be \d+ or more/, "threshold adda --completeness 0.999");
}, 120_000);

test("what can't be used is refused in one line that names it", () => {
  refused(/nowhere.*no such file or folder/, "train nowhere --method source-only --out x");
  refused(/target.*given/, `train source --out x ${SMALL}`);
  refused(/out.*not there yet/, `train source --method source-only --out so ${SMALL}`);
  refused(/seed 0, now 5/, `train source --method source-only --out so ${SMALL} --seed 5 --resume`);
  refused(/taken/, "simulate source --count 10");
  refused(/survey/, "simulate x --survey sdss");
  refused(/prevalence.*got "2"/, "simulate x --prevalence 2");
  refused(/not an Arclet model|no model\.safetensors/, "score target source --out x.csv");
  refused(/--data/, "evaluate so --out x");
  const grades = `--truth truth.csv --positives '"no-such-column" > 1' --negatives 'grade < 1'`;
  refused(/no-such-column|not found/, `evaluate a.csv ${grades} --out x`);
  expect(existsSync(at("x"))).toBe(false);
}, 120_000);

test("a dataset whose file was cut short, or of another pixel size or kind, is refused by name", () => {
  cpSync(at("target"), at("cut"), { recursive: true });
  truncateSync(at("cut", "images-00000.npy"), 20_000);
  const unfit = (name: string, message: RegExp, flags?: string) => {
    if (flags !== undefined) done(`simulate ${name} --count 8 ${flags}`);
    refused(message, `score ${name} so --out x.csv`);
  };
  unfit("cut", /cut.images-00000\.npy/);
  unfit("coarse", /pixel scale of 0\.3 arcsec/, "--pixel-scale 0.3 --size 24");
  unfit("flux", /flux|bands/, "--pixels flux --size 24");
  unfit("large", /3 × 32 × 32/, "--size 32");
}, 120_000);

test("a source whose objects are in the target too is refused", () => {
  refused(/both|shared|sim-hsc/, `train source again ${SMALL} --out x`);
});

test("prevalence estimates the parts of the classes, with intervals", () => {
  const { stdout } = done("prevalence so source target --out prevalence.json");
  expect(stdout).toMatch(/^prior by bbse: not-lens .* lens .*\nprior by em: /);
  for (const { prior, low, high } of json("prevalence.json")) {
    expect(prior[0] + prior[1]).toBeCloseTo(1, 6);
    expect(low[1]).toBeLessThanOrEqual(high[1]);
  }
});

test("tuning leaves its trials in a table, and the best one's values for train", () => {
  writeFileSync(
    at("base.yaml"),
    "epochs: 1\nbatch: 16\nprecision: float32\ncnn.widths: [4, 8]\nadda.epochs: 2\nadda.batch: 16\n",
  );
  const line =
    "tune source target --method adda --encoder cnn --base base.yaml --trials 2 --eta 2 --out tuned";
  const { stdout } = done(line);
  expect(stdout).toMatch(/trial \d, 1 epochs: .*\n.*\n.*trial \d, 2 epochs: /);
  expect(csv("tuned/trials.csv")).toHaveLength(1 + 3);
  expect(done(line).stdout).toContain("best trial");
  done("train --config tuned/best.json --out best");
  refused(/holds a tuning with other settings/, `${line} --seed 5`);
  refused(/adda.lrr is not a value of train/, "tune source target --vary adda.lrr=1..2 --out other");
});

test("what an oracle chose is marked in every table", () => {
  done(`train source target --from so --adda.epochs 1 --select oracle --out told`);
  expect(done("score target told --out told.csv").stdout).toContain(
    "target labels had a part in choosing it (oracle)",
  );
  expect(done("evaluate told --data target --out told-report").stdout).toMatch(/told +│? *oracle|oracle/);
  expect(readFileSync(at("target", "seal.jsonl"), "utf8")).toContain('"run":"told"');
});
