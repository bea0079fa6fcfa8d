/** Finders that come along: listed, printed, refused if damaged, and taken by name wherever a run is. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFits } from "../../src/sky/fits.ts";
import { placeFinder } from "../tiny/finder.ts";
import { folderWith } from "../tiny/runs.ts";
import { withFinders } from "./with-finders.ts";

const folder = folderWith("source", "target", "so", "flux", "of-flux");
const at = (...names: string[]) => join(folder, ...names);
const finders = at("kept-finders");
placeFinder(finders, "hsc", at("so", "model.safetensors"));
placeFinder(finders, "cfhtls", at("of-flux", "model.safetensors"), { pixels: "flux", zeroPoint: 30 });
const { done, refused } = withFinders(folder, finders);

/** Scores by id. */
const scoresIn = (file: string) =>
  new Map(
    readFileSync(at(file), "utf8")
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => [line.split(",")[0]!, Number(line.split(",")[2])]),
  );

/** The flux dataset's images, (40, C, 24, 24). */
const SIDE = 24;
const shard = readFileSync(at("flux", "images-00000.npy"));
const { bands, count } = JSON.parse(readFileSync(at("flux", "dataset.json"), "utf8")) as {
  bands: string[];
  count: number;
};
const images = Float32Array.from({ length: count * bands.length * SIDE * SIDE }, (_, i) =>
  shard.readFloatLE(128 + 4 * i),
);

test("they are listed, and a name prints its card", () => {
  const lines = done("finders").stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^name +bands +pixels +size +kind +AUROC +tested on +what it is$/);
  expect(lines[1]).toMatch(/^cfhtls +i r g +0.187" +24 +flux +0.900 +nothing +placeholder of a test$/);
  expect(lines[2]).toMatch(/^hsc /);
  expect(done("finders hsc").stdout).toBe(readFileSync(join(finders, "hsc", "card.yaml"), "utf8"));
});

test("an unknown name is refused with the nearest, a damaged model in one line", () => {
  refused(/finders: <name> must be one of cfhtls, hsc, got "hcs", did you mean hsc\?/, "finders hcs");
  refused(
    /hcs: is neither a run, nor a model, nor a finder, did you mean hsc\?/,
    "score target hcs --out x.csv",
  );
  const damaged = at("damaged");
  cpSync(finders, damaged, { recursive: true });
  appendFileSync(join(damaged, "hsc", "model.safetensors"), "x");
  const other = withFinders(folder, damaged);
  const message = /model.safetensors: is not the file that its card describes .*; install Arclet again/;
  other.refused(message, "finders hsc");
  other.refused(message, "score target hsc --out x.csv");
});

test("a card with a wrong value is refused with its line", () => {
  const wrong = at("wrong");
  cpSync(finders, wrong, { recursive: true });
  const card = join(wrong, "hsc", "card.yaml");
  writeFileSync(card, readFileSync(card, "utf8").replace("pixels: display", "pixels: paper"));
  withFinders(folder, wrong).refused(/card.yaml line 8: pixels must be/, "finders hsc");
});

test("a finder scores, judges, explains and embeds by its name, as its model does", () => {
  const { stdout } = done("score target hsc --out by-name.csv");
  expect(stdout).toMatch(/^hsc: the finder for cfhtls that comes with Arclet, trained 2026-11-28/);
  done("score target so --out by-run.csv");
  expect(scoresIn("by-name.csv")).toEqual(scoresIn("by-run.csv"));
  done("evaluate hsc so --data target --out judged");
  const { results } = JSON.parse(readFileSync(at("judged", "metrics.json"), "utf8"));
  const finder = results.find((one: { method: string }) => one.method === "hsc");
  const run = results.find((one: { method: string }) => one.method === "so");
  expect(finder.checkpoint).toBe("chosen");
  expect(finder.metrics).toEqual(run.metrics);
  done("explain target hsc --top 2 --method gradcam --out explained");
  done("embed source target --runs hsc,so --most 40 --folds 2 --projection pca --out embedded");
  done("prevalence hsc source target");
  done("threshold hsc --data source --completeness 0.5");
});

test("training starts from a finder by its name", () => {
  const { stdout } = done("train source target --method adabn --from hsc --out from-hsc");
  expect(stdout).toMatch(/^hsc: the finder for cfhtls/);
  const { inputs } = JSON.parse(readFileSync(at("from-hsc", "config.json"), "utf8"));
  expect(inputs.from.path).toBe("hsc");
});

test("a run's folder of a finder's name goes before it, any other folder doesn't", () => {
  cpSync(at("source"), at("hsc"), { recursive: true });
  expect(done("score target hsc --out a.csv").stdout).toMatch(/^hsc: the finder for cfhtls/);
  rmSync(at("hsc"), { recursive: true });
  cpSync(at("from-hsc"), at("hsc"), { recursive: true });
  expect(done("score target hsc --out b.csv").stdout).toMatch(
    /^hsc: taken from this folder, not the finder of that name/,
  );
  expect(scoresIn("b.csv")).not.toEqual(scoresIn("by-name.csv"));
  rmSync(at("hsc"), { recursive: true });
});

test("a folder of FITS cutouts is scored at once, as the dataset of the same images is", () => {
  mkdirSync(at("cutouts"));
  const ids = [...idsOf("flux")];
  // A unit of 2.5 mag more light, so a tenth of the flux: the finder must see the same.
  const factor = 10 ** (-0.4 * 2.5);
  const pixels = SIDE * SIDE;
  for (let i = 0; i < count; i++)
    writeFits(
      at("cutouts", `${ids[i]}.fits`),
      bands.map((band, c) => ({
        shape: [SIDE, SIDE],
        data: images
          .slice((i * bands.length + c) * pixels, (i * bands.length + c + 1) * pixels)
          .map((flux) => flux * factor),
        header: { EXTNAME: band, MAGZERO: 27.5 },
      })),
    );
  const { stdout } = done("score cutouts cfhtls --out tables/ranked.csv");
  expect(stdout).toMatch(/cutouts: no dataset, so 40 images are read with cfhtls's bands/);
  expect(stdout).toMatch(
    /to keep them as a dataset: arclet import cutouts --bands \S+ --size 24 --pixel-scale \S+ --resample --to-zero-point 30 --out data\/cutouts/,
  );
  done("score flux of-flux --out dataset.csv");
  const [raw, whole] = [scoresIn("tables/ranked.csv"), scoresIn("dataset.csv")];
  expect([...raw.keys()].sort()).toEqual([...whole.keys()].sort());
  for (const [id, score] of raw) expect(score).toBeCloseTo(whole.get(id)!, 4);
  expect(readdirSync(at("tables"))).toEqual(["ranked.csv"]);
});

test("fluxes in another unit than the finder's are warned of, when both are known", () => {
  const flux = "--survey cfhtls --size 24 --count 8 --pixels flux";
  done(`simulate other-unit ${flux} --zero-point 27.5`);
  const warning = /warning: cfhtls reads fluxes of zero point 30, these are of 27.5, 0.100 times as large/;
  expect(done("score other-unit cfhtls --out other.csv").stdout).toMatch(warning);
  done(`simulate same-unit ${flux} --zero-point 30`);
  expect(done("score same-unit cfhtls --out same.csv").stdout).not.toMatch(/reads fluxes/);
});

test("cutouts whose unit is unknown are refused, naming the way out; one too small is set aside", () => {
  cpSync(at("flux", "images-00000.npy"), at("stack.npy"));
  refused(
    /no card states one.*; give --zero-point if the files state none, or arclet import stack.npy --bands .* makes a dataset to score/,
    "score stack.npy cfhtls --out stack.csv",
  );
  expect(existsSync(at("stack.csv"))).toBe(false);
  done("score stack.npy cfhtls --zero-point 30 --out stack.csv");
  expect([...scoresIn("stack.csv").values()]).toEqual([...scoresIn("dataset.csv").values()]);
  writeFits(
    at("cutouts", "small.fits"),
    bands.map((band) => ({
      shape: [8, 8],
      data: new Float32Array(64).fill(1),
      header: { EXTNAME: band, MAGZERO: 27.5 },
    })),
  );
  const { stdout } = done("score cutouts cfhtls --out with-small.csv");
  expect(stdout).toMatch(/cutouts: 1 images set aside in with-small-set-aside.csv/);
  expect(readFileSync(at("with-small-set-aside.csv"), "utf8")).toMatch(/small.*too small/);
  refused(/flux: --zero-point must be left out: it is a dataset/, "score flux cfhtls --zero-point 30");
});

/** Ids of a dataset in the order of its images, by a score of every row. */
function idsOf(name: string): Iterable<string> {
  done(`score ${name} of-flux --out ids.csv`);
  return [...scoresIn("ids.csv").keys()].sort();
}
