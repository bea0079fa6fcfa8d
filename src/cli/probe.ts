/** `arclet probe`: a finder that learns people's grades in seconds. */
import { basename, join } from "node:path";
import type { Interval } from "../evaluate/interval.ts";
import { type ProbeConfig, probeConfig } from "../evaluate/probing/config.ts";
import type { HeldOut, JudgedProbe } from "../evaluate/probing/judged.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { isTaken, writeFolderWhole } from "../foundation/files.ts";
import { progress } from "../foundation/progress.ts";
import { MODEL_FILE } from "../train/run-files.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

export const probe = command({
  details:
    "No weight of the model changes. What its own probability gets wrong is learned by a Gaussian process (Rasmussen & " +
    "Williams 2006), whose settings follow from the grades themselves, from what its encoder sees in rings around the " +
    "centre. Ten to 3,000 grades will do; a mean grade " +
    "(--graded-soft) teaches more than yes or no. Writes a folder that scores, combines and exports as a run does: its score is " +
    "the probability of a lens among rows like the graded ones. Printed is how it does on rows held out, each judged by a " +
    "probe that saw no row of its group, beside the model; held-out.csv has these rows' scores, which may be judged and " +
    "combined. Graded rows can't judge the probe itself: evaluate refuses them. In place of a model, --features takes a table " +
    "of features that another program made of the dataset's rows, such as a foundation model's embeddings: the folder then has " +
    "scores.csv, a score of every row with features, which combine, inspect and evaluate take as a finder's.",
  schema: probeConfig,
  positionals: ["target", "model"],
  example:
    "arclet probe data/target runs/adapted --graded table.csv --graded-soft grade --graded-range 0,3 --out probe",
  async run(values) {
    const { out, model, features } = values;
    if (isTaken(out)) refuse("probe", "out", "a name that is not taken", out);
    if ((model === null) === (features === null))
      throw new ArcletError({
        where: "probe",
        code: model === null ? "missing" : "conflict",
        problem: `needs one of <model> and --features, ${model === null ? "none is given" : "both are given"}`,
      });
    await writeFolderWhole(out, (partial) =>
      features !== null
        ? probeFeatures({ ...values, features }, partial)
        : probeModel({ ...values, model: model! }, partial),
    );
  },
});

const bar = (label: string, total: number) => progress(label, total, "images");

/** @param folder where its files are put, before that has its name */
async function probeModel(values: ProbeConfig & { model: string }, folder: string): Promise<void> {
  const { out, model } = values;
  sayFinders([model]);
  const { makeProbe } = await import("../evaluate/probing/probe.ts");
  const probed = await makeProbe(values, join(folder, MODEL_FILE), bar);
  await say(values, probed, folder);
  console.log(`${join(out, MODEL_FILE)}: arclet score DATASET ${out} ranks all images by it`);
}

async function probeFeatures(values: ProbeConfig & { features: string }, folder: string): Promise<void> {
  const { makeFeatureProbe } = await import("../evaluate/probing/feature-probe.ts");
  const probed = await makeFeatureProbe({ ...values, out: folder }, bar);
  await say(values, probed, folder);
  const { path, rows, best } = probed.scores;
  console.log(`${join(values.out, basename(path))}: ${rows} rows; best: ${best.join(", ")}`);
}

/** Prints notes and how the probe does on rows held out, and writes their scores. */
async function say(
  { seed }: ProbeConfig,
  probed: Omit<HeldOut, "heldOut"> & { heldOut: Float64Array | null; notes: readonly string[] },
  folder: string,
): Promise<void> {
  const { isHeldOut, judgeProbe, writeHeldOut } = await import("../evaluate/probing/judged.ts");
  for (const note of probed.notes) console.log(note);
  if (!isHeldOut(probed)) return;
  for (const line of judgedLines(await judgeProbe(probed, seed))) console.log(line);
  for (const line of await writeHeldOut(join(folder, "held-out.csv"), probed)) console.log(line);
}

function judgedLines({ lenses, others, auroc, gain }: JudgedProbe): string[] {
  const range = ({ low, high }: Interval) => `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
  const held = `held out: AUROC ${auroc.value.toFixed(3)} ${range(auroc)} of ${lenses} lenses and ${others} others`;
  if (gain === null) return [held];
  return [held, `the model itself: ${gain.second.toFixed(3)}; gain ${gain.value.toFixed(3)} ${range(gain)}`];
}
