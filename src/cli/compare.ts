/** `arclet compare`: methods × encoders × seeds in one table, opening the sealed test once. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { gather } from "../evaluate/comparison/gathering.ts";
import { Scorer, scoreAll } from "../evaluate/comparison/scorer.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { takeLock } from "../foundation/lock.ts";
import { loadedPlugins } from "../foundation/plugins.ts";
import { duration } from "../foundation/progress.ts";
import { coresHere } from "../foundation/threads.ts";
import { textTable } from "../pictures/table.ts";
import { compareConfig } from "../reports/comparing/config.ts";
import { provenance } from "../torch/provenance.ts";
import { estimate } from "../train/comparing/estimate.ts";
import { type PlannedRun, plannedRuns, testedOn } from "../train/comparing/plan.ts";
import { trainAll } from "../train/comparing/run.ts";
import type { ComparisonSpec } from "../train/comparing/spec.ts";
import { specFile, specYaml } from "../train/comparing/spec-file.ts";
import { MODEL_FILE } from "../train/model.ts";
import { trainInProcess } from "../train/runs/process.ts";
import { threadsOfEach } from "../train/runs/threads.ts";
import { command } from "./command.ts";
import { askedFor } from "./compare/asked.ts";
import { checkComparison } from "./compare/check.ts";
import { apart, divided, dividedFields } from "./divided.ts";
import { flagOf } from "./options.ts";
import { load } from "./plugin-flag.ts";

export const compare = command({
  details:
    "Every run is one of arclet train, in its own folder, and starts from the source-only run of its encoder and seed. The " +
    "same command resumes an interrupted comparison; it refuses a run that was made with other settings. --shards divides the " +
    "runs, also among jobs of Slurm: those that others start from come first. Rows: the chosen and " +
    "the last epoch, the oracle's epoch (with --oracle), ensembles; differences are paired on the same seeds and images. For " +
    "the YAML file see docs/comparing.md.",
  schema: () => compareConfig().extend(dividedFields),
  positionals: ["source", "target"],
  example:
    "arclet simulate data/labelled --survey kids --pixel-scale 0.1875 --count 60 --seed 7 --test-fraction 0.5\n" +
    "  arclet compare data/source data/labelled --methods source-only,adabn --encoders cnn --seeds 0,1 --out runs/compare",
  async run(given, origin) {
    const { own: values, about } = apart(given);
    const { spec: asked, where } = askedFor(values, origin);
    await load(asked.plugin);
    const spec = { ...asked, plugin: loadedPlugins().map(({ path }) => path) };
    const runs = plannedRuns(spec, where);
    const inShards = await divided("compare", about, async () => {
      const idle = (["dryRun", "tableOnly"] as const).find((key) => values[key]);
      if (idle !== undefined) refuse("compare", flagOf(idle), "left out in divided work", true);
      const { dividedComparison } = await import("./compare/divided.ts");
      return await dividedComparison(spec, runs);
    });
    if (inShards) return;
    const jobs = Math.min(spec.parallel ?? coresHere(), runs.length);
    if (values.dryRun) return await printPlan(spec, runs, jobs);
    const by = provenance("compare");
    const failures = values.tableOnly ? new Map() : await runAll(spec, runs, jobs, by.command);
    const { writeComparison } = await import("../reports/comparing/tables.ts");
    const comparison = gather(spec, runs, failures);
    if (comparison.entries.length > 0) console.log(`\n${writeComparison(comparison, by)}`);
    console.log(join(spec.out, "report.html"));
    const [first] = comparison.failed;
    if (first !== undefined)
      throw new ArcletError({
        where: "compare",
        code: "failed",
        problem: `${comparison.failed.length} of ${runs.length} runs failed, first ${first.run.name}: ${first.reason}`,
      });
  },
});

/** Trains and scores every run that is not done. @returns why runs failed, by name */
async function runAll(
  spec: ComparisonSpec,
  runs: readonly PlannedRun[],
  jobs: number,
  commandText: string,
): Promise<ReadonlyMap<string, string>> {
  const { out } = spec;
  mkdirSync(dirname(out), { recursive: true });
  const unlock = takeLock(`${out}.lock`, out);
  let scorer: Scorer | null = null;
  try {
    await checkComparison(spec, runs);
    writeFileWhole(specFile(out), specYaml(spec));
    // With an oracle, training reads the split's labels: the split is opened now, and each run is scored as it ends.
    if (spec.oracle) scorer = await Scorer.open(spec, runs, commandText);
    const trainByFile = trainInProcess(threadsOfEach(jobs));
    const started = performance.now();
    const fresh = runs.filter(({ folder }) => !existsSync(join(folder, MODEL_FILE))).length;
    let [ended, done] = [0, 0];
    const failures = await trainAll(runs, { out, jobs, trainByFile }, async (run, reason, before) => {
      if (reason === "") await scorer?.score(run);
      ended++;
      if (!before) done++;
      const left = ((performance.now() - started) / 1000 / Math.max(1, done)) * (fresh - done);
      const how = reason ? `failed (${reason})` : before ? "trained before" : "trained";
      const rest = done === 0 || done === fresh ? "" : `, about ${duration(left)} left`;
      console.log(`${run.name}: ${how} (${ended} of ${runs.length}${rest})`);
    });
    const trained = runs.filter(({ name }) => !failures.has(name));
    if (trained.length === 0)
      throw new ArcletError({
        where: "compare",
        code: "failed",
        problem: `every run failed, first ${[...failures][0]!.join(": ")}`,
      });
    scorer ??= await Scorer.open(spec, runs, commandText);
    await scoreAll(scorer, trained);
    return failures;
  } finally {
    scorer?.close();
    unlock();
  }
}

/** Prints the runs and about how long each takes. */
async function printPlan(spec: ComparisonSpec, runs: readonly PlannedRun[], jobs: number): Promise<void> {
  const times = await estimate(runs);
  const rows = runs.map(({ name, encoder, row, seed, from }) => {
    const { trained, seconds } = times.get(name)!;
    return [name, encoder, row, seed, from ?? "", trained, duration(seconds)];
  });
  const columns = ["run", "encoder", "method", "seed", "starts from", "images trained on", "about"];
  console.log(textTable({ columns, rows }));
  const all = [...times.values()];
  const total = all.reduce((sum, { seconds }) => sum + seconds, 0);
  const gpu = all.find(({ device }) => device !== "cpu")?.device;
  // Runs at the same time share the cores; how much runs slow each other down on a shared GPU is not known.
  const where = gpu ? `one after another on ${gpu}` : `on this machine's ${coresHere()} cores`;
  console.log(
    `\n${runs.length} runs, ${jobs} at a time, about ${duration(total)} ${where}; ` +
      `tested on ${testedOn(spec)}, split ${spec.test.split}`,
  );
}
