/** `arclet tune`: tunes a method's settings without target labels. */
import { join } from "node:path";
import { methods } from "../adapt/registry.ts";
import { DEFAULT_VALIDATOR } from "../adapt/validators/registry.ts";
import { resolveConfig } from "../foundation/config.ts";
import type { ErrorCode } from "../foundation/errors.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { coresHere } from "../foundation/threads.ts";
import { trainSchema } from "../train/config.ts";
import { trainInProcess } from "../train/runs/process.ts";
import { threadsOfEach } from "../train/runs/threads.ts";
import { tuneConfig } from "../train/tuning/config.ts";
import { rungsOf } from "../train/tuning/halving.ts";
import { budgetKey, defaultRanges, rangeOf } from "../train/tuning/space.ts";
import { bestValues, TRIALS_FILE, type Trial } from "../train/tuning/trial.ts";
import { tune as runTuning } from "../train/tuning/tune.ts";
import { command } from "./command.ts";
import { readBase } from "./config-file.ts";
import { apart, divided, dividedFields } from "./divided.ts";

const BEST_FILE = "best.json";

export const tune = command({
  details:
    "Trials are runs of arclet train, each in its own process. The same command resumes interrupted tuning. --shards divides " +
    "the trials of each rung, also among jobs of Slurm; a rung waits for the one before it. The best " +
    "trial's values are written to best.json, for arclet train --config FOLDER/best.json --out RUN.",
  schema: () => tuneConfig().extend(dividedFields),
  positionals: ["source", "target"],
  example:
    "arclet tune data/source data/target --method adda --encoder cnn --vary 'adda.lr=1e-6..1e-3,epochs=1|2' --trials 2 " +
    "--rungs 1 --jobs 1 --out runs/tuned",
  async run(given) {
    const { own: values, about } = apart(given);
    const { source, target, out, method, encoder, base, vary, trials, rungs, eta, select, seed, jobs } =
      values;
    const shared = { ...(base === null ? {} : await readBase(base)), source, target };
    const budget = budgetKey(method);
    // Refuses what training would refuse, before anything runs.
    const { values: resolved } = resolveConfig(base ?? "tune", trainSchema(method, encoder), {
      file: { path: base ?? "tune", values: { ...shared, method, encoder, out } },
    });
    const epochs = budget
      .split(".")
      .reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], resolved);
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
    };
    const finish = (best: Trial) => {
      writeFileWhole(join(out, BEST_FILE), `${JSON.stringify(bestValues(plan, best), null, 2)}\n`);
      const by = `${best.by} ${best.score!.toFixed(4)}`;
      return [`${join(out, TRIALS_FILE)}: best trial ${best.trial}, ${by}, ${best.folder}`];
    };
    const inShards = await divided("tune", about, async () => {
      const { dividedTuning } = await import("../train/tuning/divided.ts");
      return dividedTuning(plan, jobs, finish);
    });
    if (inShards) return;
    const atOnce = jobs ?? coresHere();
    const codes = new Map<string, ErrorCode | undefined>();
    const trialsByScore = await runTuning(
      { ...plan, jobs: atOnce },
      trainInProcess(threadsOfEach(atOnce), undefined, (config, code) => codes.set(config, code)),
      ({ trial, epochs: trained, score, values: settings, reason }) => {
        const list = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
        console.log(
          `trial ${trial}, ${trained} epochs: ${score?.toFixed(4) ?? `failed (${reason})`} (${list.join(", ")})`,
        );
      },
      codes,
    );
    for (const line of finish(trialsByScore[0]!)) console.log(line);
  },
});
