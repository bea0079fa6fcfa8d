/** `arclet tune`: finds a method's settings without a target label. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { methods } from "../adapt/registry.ts";
import { validators } from "../adapt/validators/registry.ts";
import { encoders } from "../encoders/registry.ts";
import { resolveConfig } from "../foundation/config.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { DEFAULT_ENCODER, DEFAULT_METHOD, trainSchema } from "../train/config.ts";
import { trainInProcess } from "../train/runs/process.ts";
import { rungsOf } from "../train/tuning/halving.ts";
import { budgetKey, defaultRanges, rangeOf } from "../train/tuning/space.ts";
import { bestValues, tune as runTuning, TRIALS_FILE } from "../train/tuning/tune.ts";
import { command } from "./command.ts";
import { readBase } from "./config-file.ts";

const BEST_FILE = "best.json";

const methodField = () =>
  z.enum(methods.names).default(DEFAULT_METHOD).describe("the method whose settings are tuned");
const encoderField = () => z.enum(encoders.names).default(DEFAULT_ENCODER).describe("the network");
const selectField = () =>
  z
    .enum(validators.names)
    .default("infomax")
    .describe("validator that judges trials and epochs; none of them sees a target label");

const fields = z.strictObject({
  source: z.string().min(1).describe("the labelled source: a dataset folder"),
  target: z.string().min(1).describe("the target: a dataset folder; labels in it are not read"),
  out: z.string().min(1).describe("the folder to fill: a run for each trial, trials.csv, best.json"),
  method: methodField(),
  encoder: encoderField(),
  base: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("a YAML or JSON file of train's values that all trials share"),
  vary: z
    .array(z.string().min(3))
    .default([])
    .describe(
      "what is varied: KEY=LOW..HIGH (evenly in the logarithm from a factor of 10 up), KEY=A|B, or KEY alone for the range " +
        "that its method or encoder declares; KEY as in train's file; none for the method's rates and weights, a decade both ways",
    ),
  trials: z.number().int().min(1).default(9).describe("settings that are tried"),
  rungs: z
    .number()
    .int()
    .min(1)
    .default(2)
    .describe("rungs of successive halving; 1 draws at random and stops there"),
  eta: z.number().min(2).default(3).describe("the best 1 in so many goes on, with so many times the epochs"),
  select: selectField(),
  seed: z.number().int().min(0).default(0).describe("of the draws, and of all runs"),
  jobs: z
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("runs at a time, which share the cores (none: one a core)"),
});

export const tune = command({
  details:
    "Trials are runs of train in processes of their own. The same command resumes a tuning that was cut off. The best " +
    "trial's values are left in best.json: arclet train --config FOLDER/best.json --out RUN.",
  schema: () =>
    fields.extend({ method: methodField(), encoder: encoderField(), select: selectField() }) as typeof fields,
  positionals: ["source", "target"],
  example:
    "arclet tune data/source data/target --method adda --encoder cnn --vary adda.lr=1e-6..1e-3 --trials 2 --rungs 1 " +
    "--jobs 1 --out runs/tuned",
  async run({ source, target, out, method, encoder, base, vary, trials, rungs, eta, select, seed, jobs }) {
    const shared = { ...(base === null ? {} : await readBase(base)), source, target };
    const budget = budgetKey(method);
    // Refuses what the training would refuse, before anything runs.
    const { values } = resolveConfig(base ?? "tune", trainSchema(method, encoder), {
      file: { path: base ?? "tune", values: { ...shared, method, encoder, out } },
    });
    const epochs = budget
      .split(".")
      .reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], values);
    const plan = {
      out,
      method,
      encoder,
      shared,
      ranges:
        vary.length > 0 ? vary.map((text) => rangeOf(text, method, encoder)) : defaultRanges(method, encoder),
      rungs: rungsOf(trials, rungs, eta, Number(epochs)),
      budget,
      select,
      seed,
      jobs: jobs ?? availableParallelism(),
    };
    const threads = Math.max(1, Math.floor(availableParallelism() / plan.jobs));
    const made = await runTuning(
      plan,
      trainInProcess(threads),
      ({ trial, epochs: of, score, values: own, reason }) => {
        const told = Object.entries(own).map(([key, value]) => `${key} ${value}`);
        console.log(
          `trial ${trial}, ${of} epochs: ${score?.toFixed(4) ?? `failed (${reason})`} (${told.join(", ")})`,
        );
      },
    );
    const best = made[0]!;
    writeFileWhole(join(out, BEST_FILE), `${JSON.stringify(bestValues(plan, best), null, 2)}\n`);
    console.log(
      `${join(out, TRIALS_FILE)}: best trial ${best.trial}, ${select} ${best.score!.toFixed(4)}, ${best.folder}`,
    );
  },
});
