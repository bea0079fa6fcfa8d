/** `arclet score`: a ranked catalogue of a dataset's images. */
import { z } from "zod";
import { formatByName } from "../catalog/format.ts";
import { SPLITS } from "../dataset/info.ts";
import { openUnlabelled } from "../dataset/unlabelled.ts";
import { fittingFields } from "../dataset/views/fitting/config.ts";
import { fitImages } from "../dataset/views/fitting/fit.ts";
import { positiveOf } from "../evaluate/positive.ts";
import { ranking, writeScores } from "../evaluate/scores.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { progress } from "../foundation/progress.ts";
import { calibrateRows } from "../train/calibrate.ts";
import { deviceField } from "../train/device.ts";
import { leakText } from "../train/leak.ts";
import { loadModel, needsOf } from "../train/model.ts";
import type { Timing } from "../train/precision.ts";
import { deviceOf, fasterPrediction, predictRows } from "../train/predict.ts";
import { calibrationFields } from "./calibration-fields.ts";
import { command } from "./command.ts";

export const score = command({
  details:
    "Writes id, rank, score, the probability of every class and, where the dataset knows them, ra and dec, best first; equal " +
    "scores are ordered by id. Several models give the mean of their probabilities. The column calibrated is the probability of " +
    "the class that is looked for, calibrated on the source's validation rows and corrected to how common the classes are in " +
    "these images: honest as far as a class looks alike in both domains. Bands are taken by name; images that a model was not " +
    "made for are refused unless --resample or --display may change them.",
  schema: z.strictObject({
    data: z.string().min(1).describe("the dataset folder to score; labels in it are not read"),
    models: z.array(z.string().min(1)).min(1).describe("run folders or model files"),
    out: z
      .string()
      .min(1)
      .default("scores.csv")
      .describe("the table to write: .csv, .tsv, .parquet, .vot, .fits, or .reg of DS9 regions"),
    radius: z
      .number()
      .positive()
      .default(2.5)
      .describe("of the circles of DS9 regions")
      .meta({ unit: "arcsec" }),
    positive: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe("class that is looked for (none: lens, else the last)"),
    device: deviceField,
    precision: z
      .enum(["auto", "float32", "bfloat16"])
      .default("float32")
      .describe(
        "of the network's arithmetic; auto takes the faster one here, and scores differ in the third digit",
      ),
    splits: z
      .array(z.enum(SPLITS))
      .min(1)
      .default([...SPLITS])
      .describe("splits to score"),
    ...calibrationFields,
    ...fittingFields,
  }),
  positionals: ["data", "models"],
  example: "arclet score data/target runs/adda --out scores.csv",
  async run(values) {
    const { data, models, out, radius, positive, precision, splits, device } = values;
    const format = formatByName(out); // before the work
    const domain = await openUnlabelled(data);
    try {
      const rows = domain.rows(...splits);
      if (rows.length === 0) refuse(data, "splits", "splits that hold rows", splits);
      const all = domain.positions();
      if (format === "regions" && all === undefined)
        throw new ArcletError({
          where: out,
          code: "missing",
          problem: `DS9 regions need positions, and ${data} has no ra and dec`,
        });
      const bar = progress("score", rows.length * models.length, "images");
      const said: string[] = [];
      let leaks = false;
      let classes: readonly string[] = [];
      let probabilities = new Float32Array();
      let calibrated: Float64Array | null = new Float64Array(rows.length);
      for (const path of models) {
        const model = loadModel(path, device);
        try {
          if (model.info.oracle) said.push(`${path}: target labels had a part in choosing it (oracle)`);
          const on = deviceOf(model.network);
          if (device === "auto" && on !== "cpu") said.push(`${path}: scored on ${on}`);
          const { leak } = model.info;
          if (leak !== null) said.push(`${path}: ${leakText(leak)}: the table has a column leak`);
          leaks ||= leak !== null;
          const fitted = fitImages(domain, needsOf(model.info), values);
          said.push(...fitted.said.map((line) => `${path}: ${line}`));
          const timing = precision === "auto" ? await fasterPrediction(model, fitted.domain, rows) : null;
          const used = timing?.precision ?? (precision === "bfloat16" ? "bfloat16" : "float32");
          const made = await predictRows(model, fitted.domain, rows, (n) => bar.tick(n), used);
          if (timing !== null) said.push(`${path}: ${told(timing)}`);
          if (classes.length > 0 && classes.join() !== made.classes.join())
            refuse(path, "classes", `${classes.join(", ")} as in ${models[0]}`, made.classes.join(", "));
          classes = made.classes;
          if (probabilities.length === 0) probabilities = new Float32Array(made.probabilities.length);
          made.probabilities.forEach((p, i) => {
            probabilities[i]! += p / models.length;
          });
          const honest = calibrateRows(model, made.logits, values);
          if (honest === null) {
            calibrated = null;
            said.push(`${path}: holds no calibration, so there is no column calibrated`);
            continue;
          }
          said.push(`${path}: ${honest.by} (${partsText(classes, honest.prior)})`);
          const place = positiveOf(classes, positive);
          calibrated =
            calibrated?.map(
              (sum, i) => sum + honest.probabilities[i * classes.length + place]! / models.length,
            ) ?? null;
        } finally {
          model.network.dispose();
        }
      }
      bar.done();
      for (const line of said) console.log(line);
      const ids = Array.from(rows, (row) => domain.ids[row]!);
      const of = (values: readonly (number | null)[]) => Array.from(rows, (row) => values[row]!);
      const positions = all && { ra: of(all.ra), dec: of(all.dec) };
      const images = {
        ids,
        classes,
        probabilities,
        positive: positiveOf(classes, positive),
        calibrated,
        leak: leaks,
        ...(positions && { positions }),
      };
      for (const line of await writeScores(out, images, { radius })) console.log(line);
      const best = Array.from(ranking(images).slice(0, 5), (row) => ids[row]);
      console.log(`${out}: ${ids.length} images; best: ${best.join(", ")}`);
    } finally {
      domain.close();
    }
  },
});

const told = ({ precision, float32, bfloat16 }: Timing) =>
  `precision ${precision} (float32 ${float32.toFixed(0)} ms, bfloat16 ${bfloat16.toFixed(0)} ms for the first images)`;

const partsText = (classes: readonly string[], prior: readonly number[]): string =>
  classes.map((name, k) => `${name} ${prior[k]!.toPrecision(3)}`).join(", ");
