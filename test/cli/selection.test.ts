/** `arclet selection`: from injections and scores to a selection function, painted first if asked; and what it refuses. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../src/catalog/read.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { wilson } from "../../src/evaluate/intervals.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("pictures", "of-pictures");
const { done, refused } = commandLine(folder);
const at = (...parts: string[]) => join(folder, ...parts);
const numbers = (out: string) => JSON.parse(readFileSync(at(out, "selection.json"), "utf8"));
const write = (name: string, lines: readonly string[]) => writeFileSync(at(name), `${lines.join("\n")}\n`);

interface Truth {
  id: string;
  lens: boolean;
  thetaE: number;
  weight: number;
}
let truth: Truth[];
let lenses: Truth[];

/** Lenses are scored by their Einstein radius, others below all of them. */
const scoreLines = (rows: readonly Truth[]) => [
  "id,score",
  ...rows.map(({ id, lens, thetaE }, k) => `${id},${lens ? thetaE : k / 1e4}`),
];

beforeAll(async () => {
  const pictures = await openDataset(at("pictures"));
  const [radius, weight] = [pictures.column("theta_e"), pictures.column("magnification")];
  truth = Array.from(pictures.rows("train", "val"), (row) => ({
    id: pictures.ids[row]!,
    lens: pictures.column("label")[row] === "lens",
    thetaE: Number(radius[row]),
    weight: Number(weight[row]),
  }));
  pictures.close();
  lenses = truth.filter(({ lens }) => lens);
  write("scores.csv", scoreLines(truth));
  // Most of them lenses, whose deflectors are massive and red.
  done("simulate hosts --survey cfhtls --count 24 --prevalence 0.9 --seed 2");
});

test("a table of scores: counts with intervals, as files that say what they are of", async () => {
  done("selection pictures scores.csv --thresholds 1,1.4 --out counted");
  const { thresholds, finders, injected, injections, quantileParts } = numbers("counted");
  const found = lenses.filter(({ thetaE }) => thetaE >= 1.4).length;
  const [low, second] = thresholds;
  expect(second).toMatchObject({ threshold: 1.4, injected: lenses.length, found, correlation: 0 });
  expect(second.completeness).toMatchObject({
    value: found / lenses.length,
    ...wilson(found, lenses.length),
    effective: lenses.length,
  });
  expect(low.others).toMatchObject({ count: truth.length - lenses.length, passed: 0 });
  const { bins } = second.along.find(({ property }: { property: string }) => property === "theta_e");
  for (const bin of bins) {
    const inBin = lenses.filter(({ thetaE }) => thetaE >= bin.low && thetaE < bin.high);
    expect([bin.count, bin.found]).toEqual([
      inBin.length,
      inBin.filter(({ thetaE }) => thetaE >= 1.4).length,
    ]);
  }
  const sorted = lenses.map(({ thetaE }) => thetaE).sort((a, b) => a - b);
  const quantiles = second.quantiles.find(({ property }: { property: string }) => property === "theta_e");
  expect(quantileParts[2]).toBe(0.5);
  expect(quantiles.injected[2]).toBe(sorted[Math.ceil(sorted.length / 2) - 1]);
  expect(Math.min(...quantiles.found)).toBeGreaterThanOrEqual(1.4);
  const names = injections.properties.map(({ name }: { name: string }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      "theta_e",
      "arc_snr",
      "source_mag",
      "z_lens",
      "z_source",
      "magnification",
      "offset",
    ]),
  );
  const sha256 = createHash("sha256")
    .update(readFileSync(at("scores.csv")))
    .digest("hex");
  expect(finders).toEqual([{ kind: "scores", name: "scores.csv", sha256 }]);
  expect(injected).toMatchObject({ folder: "pictures", provenance: { task: "simulate" } });
  expect(injected.contentHash).toMatch(/^[0-9a-f]{64}$/);
  const [parquet, fits] = await Promise.all(
    ["counts.parquet", "counts.fits"].map((file) => readCatalog(at("counted", file))),
  );
  expect(parquet!.table.column("found")[0]).toBe(lenses.filter(({ thetaE }) => thetaE >= 1).length);
  expect(fits!.table.column("found").map(Number)).toEqual(parquet!.table.column("found").map(Number));
  const rows = await readCatalog(at("counted", "injections.parquet"));
  expect(rows.table.column("found_2").filter(Boolean)).toHaveLength(found);
  for (const file of ["report.html", "figures/along-theta_e.svg", "figures/map-theta_e-arc_snr-1.svg"])
    expect(existsSync(at("counted", file)), file).toBe(true);
  // A caption's numbers are the counts.
  expect(readFileSync(at("counted", "report.html"), "utf8")).toContain(`${found} of ${lenses.length}`);
});

test("injections count by a column of weights", () => {
  done("selection pictures scores.csv --thresholds 1.4 --weights magnification --out weighted");
  const all = lenses.reduce((sum, { weight }) => sum + weight, 0);
  const found = lenses.reduce((sum, { weight, thetaE }) => sum + (thetaE >= 1.4 ? weight : 0), 0);
  const squares = lenses.reduce((sum, { weight }) => sum + weight ** 2, 0);
  const { value, effective } = numbers("weighted").thresholds[0].completeness;
  expect(value).toBeCloseTo(found / all, 12);
  expect(effective).toBeCloseTo(all ** 2 / squares, 9);
  refused(
    /pictures: .*must be.*label|label must be a column of numbers/,
    "selection pictures scores.csv --weights label --out x",
  );
});

test("a threshold by the share of images without an injection, or of arclet threshold's file", () => {
  done(
    "threshold scores.csv --truth scores.csv --positives 'score >= 0.5' --completeness 0.8 --out threshold.json",
  );
  done("selection pictures scores.csv --thresholds fpr=0.1,threshold.json --out chosen");
  const [fpr, file] = numbers("chosen").thresholds;
  expect(fpr.others.passed).toBe(Math.floor(0.1 * (truth.length - lenses.length)));
  expect(file.threshold).toBe(JSON.parse(readFileSync(at("threshold.json"), "utf8")).threshold);
  expect(file.chosen).toBe("of threshold.json, for a completeness of 0.8");
  refused(
    /thresholds must be a score \(0\.5\), fpr=/,
    "selection pictures scores.csv --thresholds top=5 --out x",
  );
  refused(/thresholds must be different ones, got/, "selection pictures scores.csv --thresholds 1,1 --out x");
});

test("a threshold that nothing passes, or everything, is said", () => {
  const { stdout } = done("selection pictures scores.csv --thresholds 99,-1 --out ends");
  expect(stdout).toMatch(
    new RegExp(`none of the ${lenses.length} injections pass the threshold 99: their scores are from`),
  );
  expect(stdout).toMatch(new RegExp(`all of the ${lenses.length} injections pass the threshold -1`));
  const [none, all] = numbers("ends").thresholds;
  expect(none.completeness).toMatchObject({ value: 0, low: 0 });
  expect(none.quantiles[0].found).toEqual([null, null, null, null, null]);
  expect(none.smooth).toBeNull();
  expect(all.completeness).toMatchObject({ value: 1, high: 1 });
});

test("a smooth model of the properties that are asked for, and the completeness of another population by it", () => {
  // Twenty rows or so are too few for two properties.
  const { stdout } = done("selection pictures scores.csv --thresholds 1.2 --out two");
  expect(stdout).toContain("too few on one side to fit one");
  const many = "selection many many.csv --thresholds 0.5 --model theta_e,arc_snr";
  done("simulate many --survey cfhtls --size 24 --count 150 --prevalence 1 --seed 4");
  done("export many/table.parquet --out many-table.csv");
  const [head, ...rows] = readFileSync(at("many-table.csv"), "utf8").trim().split("\n");
  const [id, radius] = ["id", "theta_e"].map((name) => head!.split(",").indexOf(name)) as [number, number];
  const scored = rows.map((row, k) => {
    const cells = row.split(",");
    // Wide lenses are found but for every fifth, narrow ones not but for every fifth.
    return `${cells[id]},${Number(cells[radius]) > 1.1 === (k % 5 > 0) ? 0.9 : 0.1}`;
  });
  write("many.csv", ["id,score", ...scored]);
  done(`${many} --population pictures --out modelled`);
  const [{ smooth, population }] = numbers("modelled").thresholds;
  expect(smooth.properties.map(({ property }: { property: string }) => property)).toEqual([
    "theta_e",
    "arc_snr",
  ]);
  expect(smooth.coefficients).toHaveLength(smooth.terms.length);
  expect(smooth.covariance).toHaveLength(smooth.terms.length);
  expect(smooth.heldOut.bins.length).toBeGreaterThan(5);
  for (const { value, low, high } of smooth.examples) expect(low < value && value < high).toBe(true);
  expect(population.lenses).toBeGreaterThanOrEqual(lenses.length);
  expect(population.completeness.low).toBeLessThan(population.completeness.value);
});

test("arcs are painted first, kept, and used again; of one host there are no intervals", async () => {
  const line =
    "selection hosts of-pictures --survey cfhtls --paint 8 --off-centre 0.3 --thresholds 0.5 --resample";
  const { stdout } = done(`${line} --out painted`);
  expect(stdout).toMatch(/painted.injected: 8 arcs on \d+ hosts/);
  const { injected, finders, thresholds } = numbers("painted");
  expect(injected.provenance).toMatchObject({ task: "paint", config: { offCentre: 0.3, seed: 0 } });
  const sha256 = createHash("sha256")
    .update(readFileSync(at("of-pictures", "model.safetensors")))
    .digest("hex");
  expect(finders).toEqual([{ kind: "model", name: "of-pictures", sha256 }]);
  expect(thresholds[0].injected).toBe(8);
  expect(done(`${line} --out painted`).stdout).toContain("taken as it is");
  refused(/painted.injected: holds arcs of other settings or hosts/, `${line} --seed 1 --out painted`);
  const painted = await openDataset(at("painted", "injected"));
  const host = painted.column("host")[0];
  painted.close();
  const alone = done(`${line} --where "id = '${host}'" --out alone`).stdout;
  expect(alone).toContain("all 8 injections are of one group, so nothing is known of others");
  expect(numbers("alone").thresholds[0].completeness).toMatchObject({ low: null, high: null });
});

test("arcs on full pixels are counted, and left out if asked", async () => {
  const painted = await openDataset(at("painted", "injected"));
  const cutOff = painted.column("cut_off").flatMap((share) => (share === null ? [] : [Number(share)]));
  painted.close();
  const most = (Math.min(...cutOff) + Math.max(...cutOff)) / 2;
  const left = cutOff.filter((share) => share > most).length;
  const line = "selection painted/injected painted/scores.csv --thresholds 0.5";
  const { stdout } = done(`${line} --most-cut-off ${most} --out clear`);
  expect(stdout).toContain(
    `${left} of 8 injections have more than ${most} of their light on full pixels, and are left out`,
  );
  expect(numbers("clear").thresholds[0].injected).toBe(8 - left);
  refused(/pictures: has no column cut_off/, "selection pictures scores.csv --most-cut-off 0.5 --out x");
});

test("what doesn't belong together is refused", () => {
  write("part.csv", scoreLines(truth.slice(1)));
  refused(
    new RegExp(
      `part\\.csv: has no score for 1 of the ${truth.length} images of pictures, the first is ${truth[0]!.id}`,
    ),
    "selection pictures part.csv --out x",
  );
  write("strange.csv", ["id,score", "nobody,0.5"]);
  refused(
    /strange\.csv: has no score for .*; ids without an image look like nobody/,
    "selection pictures strange.csv --out x",
  );
  refused(/pictures: of-pictures was trained on its train rows/, "selection pictures of-pictures --out x");
  refused(
    /<finders> must be one table of scores, or models/,
    "selection pictures scores.csv part.csv --out x",
  );
  refused(
    /<finders> must be models with --paint/,
    "selection hosts scores.csv --paint 5 --survey cfhtls --out x",
  );
  refused(/survey must be given with --paint/, "selection hosts of-pictures --paint 5 --out x");
  refused(/faintest must be left out without --paint/, "selection pictures scores.csv --faintest 22 --out x");
  refused(
    /property must be one of .*thetae.*did you mean theta_e/,
    "selection pictures scores.csv --properties thetae --out x",
  );
  refused(/maps must be two properties as X:Y/, "selection pictures scores.csv --maps theta_e --out x");
  refused(
    /none of \d+ rows is of class lens/,
    `selection pictures scores.csv --where "label <> 'lens'" --out x`,
  );
  refused(
    /thresholds must be scores, since no image is without an injection/,
    `selection pictures scores.csv --where "label = 'lens'" --out x`,
  );
  expect(existsSync(at("x"))).toBe(false);
});
