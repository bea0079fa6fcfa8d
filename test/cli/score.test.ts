/** `arclet score`: the ranking, its calibrated column, and data that a model was not made for. */
import { cpSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { writeSkies } from "../tiny/skies.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith(
  "source",
  "target",
  "so",
  "adda",
  "pictures",
  "of-pictures",
  "flux",
  "of-flux",
  "lsst",
);
const at = (...names: string[]) => join(folder, ...names);
const { done, refused } = commandLine(folder);
const csv = (name: string) =>
  readFileSync(at(name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));

/** What a model's file says of itself. */
function calibrationOf(run: string) {
  const bytes = readFileSync(at(run, "model.safetensors"));
  const head = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
  return JSON.parse(head.__metadata__.arclet).calibration;
}

test("scores are ranked, the same twice", () => {
  for (const name of ["a.csv", "b.csv"]) done(`score target adda --out ${name}`);
  const [head, ...rows] = csv("a.csv");
  expect(csv("b.csv")).toEqual([head, ...rows]);
  expect(head).toEqual(["id", "rank", "score", "p_not-lens", "p_lens", "calibrated"]);
  expect(rows).toHaveLength(96);
  const scores = rows.map((row) => Number(row[2]));
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  for (const row of rows) expect(Number(row[3]) + Number(row[4])).toBeCloseTo(1, 5);
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
    /adda: column calibrated: bias-corrected temperature [\d.]+, the source's prior \(not-lens 0\.\d+, lens 0\.\d+\)/,
  );
  expect(calibrated("--calibration isotonic --prior 0.9,0.1").stdout).toMatch(
    /adda: column calibrated: isotonic, the given prior \(not-lens 0.900, lens 0.100\)/,
  );
  // BBSE falls to its bound on these few images: a warning, and no probability.
  const bound = calibrated("--prior-from bbse");
  expect(bound.stdout).toMatch(
    /adda: warning: the prior by bbse is at its bound: .*; the column calibrated is empty/,
  );
  expect(
    csv("calibrated.csv")
      .slice(1)
      .map((row) => row[5]),
  ).toEqual(Array(96).fill(""));
  const own = calibrationOf("adda").prior as [number, number];
  for (const [id, p] of source.p) {
    const odds = (p / (1 - p)) * (0.01 / 0.99) * (own[0] / own[1]);
    expect(rare.p.get(id)).toBeCloseTo(odds / (1 + odds), 5);
  }
  refused(
    /--prior must be 2 shares \(not-lens, lens\) with sum 1/,
    "score target adda --prior 0.5,0.4 --out x.csv",
  );
});

test("a page shows the top candidates: whole ids in the order of the scores, and no links without positions", () => {
  done("score target adda --out page.csv --report page.html --top 7");
  const page = readFileSync(at("page.html"), "utf8");
  const best = csv("page.csv")
    .slice(1, 8)
    .map(([id]) => id);
  expect([...page.matchAll(/<span class="id">([^<]+)</g)].map(([, id]) => id)).toEqual(best);
  expect(page).toContain("target has no positions");
  expect(page).not.toContain("legacysurvey.org");
  expect(done("score target adda --out page.csv --report pages").stdout).toMatch(/^pages\/report\.html$/m);
});

test("where positions are known, every candidate has links to sky viewers", async () => {
  await writeSkies(folder, "skies", 0);
  done("train skies --method source-only --encoder cnn --cnn.widths 4 --epochs 1 --batch 8 --out on-skies");
  done("score skies on-skies --out skies.csv --report skies.html --top 3");
  const page = readFileSync(at("skies.html"), "utf8");
  const [head, best] = csv("skies.csv");
  const [ra, dec] = ["ra", "dec"].map((name) => Number(best![head!.indexOf(name)]).toFixed(6));
  expect(page).toContain(`https://www.legacysurvey.org/viewer?ra=${ra}&amp;dec=${dec}&amp;`);
  expect(page.match(/https:\/\/sky\.esa\.int\/esasky/g)).toHaveLength(3);
  expect(page.match(/https:\/\/aladin\.cds\.unistra\.fr/g)).toHaveLength(3);
});

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

test("what is no model, and regions of objects without positions, are refused in one line", () => {
  refused(/not an Arclet model|no model\.safetensors/, "score target source --out x.csv");
  refused(/x\.reg: DS9 regions need positions, and target has no ra and dec/, "score target so --out x.reg");
});

test("a dataset whose file was cut short, or of another pixel size or kind, is refused by name", () => {
  cpSync(at("target"), at("cut"), { recursive: true });
  truncateSync(at("cut", "images-00000.npy"), 20_000);
  const unfit = (name: string, message: RegExp, flags?: string) => {
    if (flags !== undefined) done(`simulate ${name} --count 8 ${flags}`);
    refused(message, `score ${name} so --out x.csv`);
  };
  unfit("cut", /cut.images-00000\.npy/);
  unfit("coarse", /pixel scale of 0\.3 arcsec/, "--pixel-scale 0.3 --size 24");
  unfit("flux", /flux|bands/);
  unfit("large", /3 × 32 × 32/, "--size 32");
});

const scores = (name: string) =>
  csv(name)
    .slice(1)
    .map((line) => line.map((value, i) => (i < 2 ? value : Number(value))));

test("flux is scored by a model of pictures as its survey's composites, to the same scores as the pictures", () => {
  refused(/has flux pixels.*--display humvi/, "score flux of-pictures --out x.csv");
  const { stdout } = done("score flux of-pictures --display humvi --out composed.csv");
  expect(stdout).toContain("of-pictures: humvi composites of i, r, g are made from the flux");
  done("score pictures of-pictures --out pictures.csv");
  expect(scores("composed.csv")).toEqual(scores("pictures.csv"));
});

test("surplus bands are dropped, other pixels resampled where it is asked for", () => {
  refused(/pixel scale of 0\.2 arcsec.*0\.187.*--resample/, "score lsst of-flux --out x.csv");
  const { stdout } = done("score lsst of-flux --resample --out lsst.csv");
  expect(stdout).toMatch(
    /of-flux: images are resampled from 32 × 32 pixels of 0.2 arcsec to their middle 24 × 24/,
  );
  expect(stdout).toMatch(/of-flux: bands u, g, r, i, z, y are taken as g, r, i \(u, z, y dropped\)/);
  expect(scores("lsst.csv")).toHaveLength(12);
});
