/** `arclet realism`: how well simulated images can be told from real ones, and by what. */
import { z } from "zod";
import { type ImageDomain, openDataset } from "../dataset/dataset.ts";
import { openUnlabelled } from "../dataset/unlabelled.ts";
import { applyPreprocessing } from "../dataset/views/preprocess.ts";
import { rowsWhere } from "../dataset/where.ts";
import { imagesLearned, measureRealism, type Sample } from "../evaluate/realism/realism.ts";
import { refuse } from "../foundation/errors.ts";
import { progress } from "../foundation/progress.ts";
import { keyOf, permutation } from "../foundation/random.ts";
import { provenance } from "../reports/provenance.ts";
import type { Side } from "../reports/realism.ts";
import { noGrad } from "../torch/autograd.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { checkModelFits, loadModel } from "../train/model.ts";
import { command } from "./command.ts";

const where = (side: string, example: string) =>
  z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(`which ${side} images, as a condition on their table, e.g. ${example}`);

const schema = z.strictObject({
  simulated: z.string().min(1).describe("the simulated dataset's folder"),
  real: z.string().min(1).describe("the real dataset's folder; labels in it are not read"),
  out: z.string().min(1).default("realism").describe("the folder for realism.json, report.html and pictures"),
  simWhere: where("simulated", "\"label = 'not-lens'\""),
  realWhere: where("real", "\"id like 'field%'\""),
  count: z.number().int().min(20).default(2000).describe("most images of either kind, drawn at random"),
  model: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("a run or model file, whose encoder's features are probed as well"),
  folds: z.number().int().min(2).max(20).default(5).describe("parts for cross-validation, by group"),
  epochs: z.number().int().min(1).default(12).describe("epochs of the small network in each fold"),
  atMost: z
    .number()
    .min(0.5)
    .max(1)
    .nullable()
    .default(null)
    .describe("the gate: leave with 1 where the small network's AUROC is above this"),
  seed: z.number().int().min(0).default(0).describe("one seed gives one result"),
});

export const realism = command({
  details:
    "A small network, a linear probe on measured statistics and, with --model, one on an encoder's features learn to " +
    "tell the two kinds and are tested on groups that they did not see: AUROC 0.5 is a simulation that can't be told " +
    "from the sky, 1 one that always can. Statistics are ranked by how well each tells them alone. Compare like with " +
    "like: most real objects are not lenses, so leave the simulated lenses out with --sim-where. Leaves with 1 where " +
    "--at-most is missed.",
  schema,
  positionals: ["simulated", "real"],
  example: "arclet realism data/source data/target --epochs 2 --out realism",
  async run(values) {
    const { count, seed, folds, epochs, model: path } = values;
    const simulated = await openDataset(values.simulated);
    const real = await openUnlabelled(values.real);
    const model = path === null ? null : loadModel(path, "cpu");
    try {
      checkAlike(simulated, real, values.real);
      if (model !== null) checkModelFits(model.info, simulated.info);
      const sides: [Side, Side] = [
        await chosen(simulated, values.simulated, values.simWhere, count, keyOf(seed, 1)),
        await chosen(real, values.real, values.realWhere, count, keyOf(seed, 2)),
      ];
      const samples = sides.map(sampleOf) as [Sample, Sample];
      const rows = sides[0].rows.length + sides[1].rows.length;
      const display = simulated.info.pixels === "display";
      const bar = progress("realism", imagesLearned(rows, { folds, epochs }), "images");
      try {
        const result = await measureRealism(...samples, {
          bands: simulated.info.bands,
          full: display ? 1 : Number.POSITIVE_INFINITY,
          folds,
          epochs,
          seed,
          features:
            model === null ? undefined : (images) => featuresOf(model, display ? images.mul(255) : images),
          tick: (images) => bar.tick(images),
        });
        bar.done();
        const { realismTable, writeRealism } = await import("../reports/realism.ts");
        writeRealism(values.out, result, sides, provenance("realism"));
        console.log(realismTable(result));
        const { auroc } = result.told[0]!;
        if (values.atMost !== null && auroc > values.atMost) {
          console.log(`told apart at ${auroc.toFixed(3)}, above ${values.atMost}`);
          process.exitCode = 1;
        }
      } finally {
        for (const { images } of samples) images.dispose();
      }
    } finally {
      model?.network.dispose();
      simulated.close();
      real.close();
    }
  },
});

function checkAlike(simulated: ImageDomain, real: ImageDomain, folder: string): void {
  const [a, b] = [simulated.info, real.info];
  const same = (what: string, one: unknown, other: unknown) => {
    if (String(one) !== String(other)) refuse(folder, what, `${one}, as the simulation has`, other);
  };
  same("bands", a.bands, b.bands);
  same("pixels", a.pixels, b.pixels);
  same("shape", a.shape.join(" × "), b.shape.join(" × "));
  if (Math.abs(a.pixelScale / b.pixelScale - 1) > 0.02) same("pixel scale", a.pixelScale, b.pixelScale);
}

async function chosen(
  domain: ImageDomain,
  folder: string,
  condition: string | null,
  count: number,
  key: number,
): Promise<Side> {
  const rows = condition === null ? domain.rows() : await rowsWhere(folder, condition);
  const order = permutation(rows.length, key).slice(0, count).sort();
  return { domain, folder, condition, rows: order.map((place) => rows[place]!) };
}

function sampleOf({ domain, rows, folder }: Side): Sample {
  const images = tidy(() => {
    const raw = domain.images(rows).to("float32");
    return domain.info.pixels === "display" ? raw.div(255) : raw;
  });
  const bad = tidy(() => images.isfinite().flatten(1).to("float32").min([1]).data() as Float32Array).indexOf(
    0,
  );
  if (bad >= 0)
    refuse(
      { where: folder, row: rows[bad]! + 1, id: domain.ids[rows[bad]!] },
      "pixels",
      "finite",
      "NaN or infinite",
    );
  return { images, groups: Array.from(rows, (row) => domain.groups[row]!) };
}

function featuresOf({ network, info }: ReturnType<typeof loadModel>, images: Tensor): Tensor {
  network.train(false);
  return noGrad(() =>
    network.features(applyPreprocessing(info.preprocessing, images).contiguous("channels_last")),
  );
}
