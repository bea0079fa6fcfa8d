/** What the guides begin with: small datasets, runs, tables and frames under the names that the guides use. */
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDataset } from "../../src/dataset/dataset.ts";
import { writeFits } from "../../src/sky/fits.ts";
import { tidy } from "../../src/torch/scope.ts";
import { writeFrame } from "../sky/frame.ts";

/** A network and a training that take a second or two. */
const QUICK = "--preset paper --encoder cnn --cnn.widths 4,8 --batch 16 --epochs 1 --precision float32";

/** Degrees a pixel of the frames: CFHTLS's. */
const STEP = 0.187 / 3600;

const csv = (path: string, header: string, rows: readonly string[]) =>
  writeFileSync(path, `${header}\n${rows.join("\n")}\n`);

/** Makes the world in `folder` by the commands of `done`. */
export async function makeWorld(folder: string, done: (line: string) => unknown): Promise<void> {
  const at = (...names: string[]) => join(folder, ...names);
  writeFileSync(at("quick.yaml"), "cnn.widths: [4, 8]\nbatch: 16\nepochs: 1\nprecision: float32\n");
  done("simulate data/source --survey cfhtls --size 48 --count 80 --val-fraction 0.3 --seed 1");
  done(
    "simulate data/target --survey cfhtls --size 48 --count 60 --seed 2 --val-fraction 0.2 --test-fraction 0.2",
  );
  done(`train data/source --method source-only ${QUICK} --out runs/source`);
  done("train data/source data/target --preset paper --from runs/source --method adabn --out runs/adapted");
  done("score data/target runs/adapted --out scores.csv");
  cpSync(at("runs", "adapted"), at("runs", "adda"), { recursive: true });
  cpSync(at("data", "source"), at("data", "simulated"), { recursive: true });
  cpSync(at("data", "target"), at("data", "new"), { recursive: true });
  done("paint data/target --survey cfhtls --out data/painted --faintest 23");
  const target = await openDataset(at("data", "target"));
  const { ids } = target;
  target.close();
  // None of these is saturated, which import would set aside.
  done("simulate large --survey cfhtls --size 96 --count 40 --seed 8");
  copyFileSync(at("large", "images-00000.npy"), at("cutouts.npy"));
  csv(
    at("table.csv"),
    "id,grade",
    Array.from({ length: 40 }, (_, k) => `object-${k},${k % 4}`),
  );
  csv(
    at("known.csv"),
    "id,label",
    Array.from({ length: 10 }, (_, k) => `decoy-${k},${k % 2 === 0 ? "lens" : "not-lens"}`),
  );
  const what = ["spiral", "ring", "merger"];
  const looked = ids.filter((_, k) => k % 3 !== 2);
  csv(
    at("grades.csv"),
    "id,grader,grade,what",
    looked.map((id, k) => `${id},anna,${k % 4},${k % 4 === 0 ? what[k % 3] : ""}`),
  );
  mkdirSync(at("my-search"));
  csv(
    at("my-search", "grades.csv"),
    "id,grader,grade,kind,comment,seconds",
    looked.map((id, k) => `${id},anna,${"XABX"[k % 4]},,,2`),
  );
  const share = (k: number, step: number) => ((k * step) % 11) / 11;
  csv(
    at("others.csv"),
    "id,p_lens",
    ids.map((id, k) => `${id},${share(k, 3)}`),
  );
  for (const [name, step] of [
    ["crowd", 7],
    ["new-votes", 5],
  ] as const)
    csv(
      at(`${name}.csv`),
      "id,votes",
      ids.map((id, k) => `${id},${share(k, step)}`),
    );
  csv(
    at("votes.csv"),
    "id,grader,grade",
    ids.flatMap((id, k) => ["ada", "bo"].map((who) => `${id},${who},${["no", "maybe", "yes"][k % 3]}`)),
  );
  for (const band of ["g", "r", "i"])
    writeFrame(at(`field_${band}.fits`), { header: { FILTER: band, CD1_1: -STEP, CD2_2: STEP } });
  mkdirSync(at("frames"));
  for (const band of ["g", "r", "i"])
    copyFileSync(at(`field_${band}.fits`), at("frames", `CFHTLS-test_${band}.fits`));
  await writeCutouts(at("my-cutouts"), done, folder);
  mkdirSync(at("survey"));
  const parts = ["scores: ../scores.csv", "dataset: ../data/target", "grades: ../my-search/grades.csv"];
  writeFileSync(at("survey", "search.yaml"), `${parts.join("\n")}\npositives: grade IN ('A', 'B')\n`);
}

/** One FITS file for each band, as surveys' cutout services give them. */
async function writeCutouts(out: string, done: (line: string) => unknown, folder: string): Promise<void> {
  done("simulate hsc-flux --survey hsc --pixels flux --bands g,r,i --size 64 --count 12 --seed 3");
  const dataset = await openDataset(join(folder, "hsc-flux"));
  const { bands, shape } = dataset.info;
  mkdirSync(out);
  const pixels = tidy(() => Float32Array.from(dataset.images(dataset.rows()).data() as Float32Array));
  const plane = shape[1] * shape[2];
  for (let k = 0; k < dataset.count; k++)
    bands.forEach((band, c) => {
      const from = (k * bands.length + c) * plane;
      const data = pixels.slice(from, from + plane);
      const header = { FILTER: band, CTYPE1: "RA---TAN", CTYPE2: "DEC--TAN", ...grid(k, shape[2]) };
      writeFits(join(out, `${k}_${band}.fits`), [{ data, shape: [shape[1], shape[2]], header }]);
    });
  dataset.close();
}

const grid = (k: number, side: number) => ({
  CRVAL1: 150 + k / 100,
  CRVAL2: 2,
  CRPIX1: side / 2 + 0.5,
  CRPIX2: side / 2 + 0.5,
  CD1_1: -0.168 / 3600,
  CD1_2: 0,
  CD2_1: 0,
  CD2_2: 0.168 / 3600,
  MAGZERO: 27,
});
