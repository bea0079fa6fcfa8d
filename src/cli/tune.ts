/** `arclet tune`: tunes a method's settings without target labels. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { methods } from "../adapt/registry.ts";
import { DEFAULT_VALIDATOR } from "../adapt/validators/registry.ts";
import { resolveConfig } from "../foundation/config.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { trainSchema } from "../train/config.ts";
import { trainInProcess } from "../train/runs/process.ts";
import { tuneConfig } from "../train/tuning/config.ts";
import { rungsOf } from "../train/tuning/halving.ts";
import { budgetKey, defaultRanges, rangeOf } from "../train/tuning/space.ts";
import { bestValues, tune as runTuning, TRIALS_FILE } from "../train/tuning/tune.ts";
import { command } from "./command.ts";
import { readBase } from "./config-file.ts";

const BEST_FILE = "best.json";

export const tune = command({
  details:
    "Trials are runs of arclet train, each in its own process. The same command resumes interrupted tuning. The best " +
    "trial's values are written to best.json, for arclet train --config FOLDER/best.json --out RUN.",
  schema: tuneConfig,
  positionals: ["source", "target"],
  example:
    "arclet tune data/source data/target --method adda --encoder cnn --vary 'adda.lr=1e-6..1e-3,epochs=1|2' --trials 2 " +
    "--rungs 1 --jobs 1 --out runs/tuned",
  async run({ source, target, out, method, encoder, base, vary, trials, rungs, eta, select, seed, jobs }) {
    const shared = { ...(base === null ? {} : await readBase(base)), source, target };
    const budget = budgetKey(method);
    // Refuses what training would refuse, before anything runs.
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
      select: select ?? (methods.find(method).graded === "needed" ? null : DEFAULT_VALIDATOR),
      seed,
      jobs: jobs ?? availableParallelism(),
    };
    const threads = Math.max(1, Math.floor(availableParallelism() / plan.jobs));
    const trialsByScore = await runTuning(
      plan,
      trainInProcess(threads),
      ({ trial, epochs: trained, score, values: settings, reason }) => {
        const list = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
        console.log(
          `trial ${trial}, ${trained} epochs: ${score?.toFixed(4) ?? `failed (${reason})`} (${list.join(", ")})`,
        );
      },
    );
    const best = trialsByScore[0]!;
    writeFileWhole(join(out, BEST_FILE), `${JSON.stringify(bestValues(plan, best), null, 2)}\n`);
    console.log(
      `${join(out, TRIALS_FILE)}: best trial ${best.trial}, ${best.by} ${best.score!.toFixed(4)}, ${best.folder}`,
    );
  },
});
