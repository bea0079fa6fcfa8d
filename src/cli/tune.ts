/** `arclet tune`: finds a method's settings without a target label. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { methodNames } from "../adapt/registry.ts";
import { validatorNames } from "../adapt/validators/registry.ts";
import { encoders } from "../encoders/registry.ts";
import { resolveConfig } from "../foundation/config.ts";
import { choice, count, list, number, seed, text } from "../foundation/field.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { DEFAULT_ENCODER, DEFAULT_METHOD, trainSchema } from "../train/config.ts";
import { trainInProcess } from "../train/runs/process.ts";
import { rungsOf } from "../train/tuning/halving.ts";
import { budgetKey, defaultRanges, rangeOf } from "../train/tuning/space.ts";
import { bestValues, tune as runTuning, TRIALS_FILE } from "../train/tuning/tune.ts";
import { command } from "./command.ts";
import { readConfigFile } from "./config-file.ts";

const BEST_FILE = "best.json";

const schema = z.strictObject({
  source: text("the labelled source: a dataset folder"),
  target: text("the target: a dataset folder; labels in it are not read"),
  out: text("the folder to fill: a run for each trial, trials.csv, best.json"),
  method: choice(methodNames, "the method whose settings are tuned", { default: DEFAULT_METHOD }),
  encoder: choice(Object.keys(encoders) as [string, ...string[]], "the network", {
    default: DEFAULT_ENCODER,
  }),
  base: text("a YAML or JSON file of train's values that all trials share", { default: null }),
  vary: list(
    z.string().min(3),
    "what is varied: KEY=LOW..HIGH (evenly in the logarithm from a factor of 10 up) or KEY=A|B, KEY as in train's file; none " +
      "for the method's rates and weights, a decade both ways",
    { least: 0, default: [] },
  ),
  trials: count("settings that are tried", { default: 9 }),
  rungs: count("rungs of successive halving; 1 draws at random and stops there", { default: 2 }),
  eta: number("the best 1 in so many goes on, with so many times the epochs", { least: 2, default: 3 }),
  select: choice(
    validatorNames,
    "validator that judges trials and epochs; none of them sees a target label",
    { default: "infomax" },
  ),
  seed: seed("of the draws, and of all runs"),
  jobs: count("runs at a time, which share the cores (none: one a core)", { default: null }),
});

export const tune = command({
  details:
    "Trials are runs of train in processes of their own. The same command resumes a tuning that was cut off. The best " +
    "trial's values are left in best.json: arclet train --config FOLDER/best.json --out RUN.",
  schema,
  positionals: ["source", "target"],
  example:
    "arclet tune data/source data/target --method adda --encoder cnn --vary adda.lr=1e-6..1e-3 --trials 2 --rungs 1 " +
    "--jobs 1 --out runs/tuned",
  async run({ source, target, out, method, encoder, base, vary, trials, rungs, eta, select, seed, jobs }) {
    const shared = { ...(base === null ? {} : readConfigFile(base).values), source, target };
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
