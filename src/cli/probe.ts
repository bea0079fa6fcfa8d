/** `arclet probe`: a finder that learns people's grades in seconds. */
import { join } from "node:path";
import type { Interval } from "../evaluate/interval.ts";
import { probeConfig } from "../evaluate/probing/config.ts";
import type { JudgedProbe } from "../evaluate/probing/judged.ts";
import { refuse } from "../foundation/errors.ts";
import { isTaken } from "../foundation/files.ts";
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
    "combined. Graded rows can't judge the probe itself: evaluate refuses them.",
  schema: probeConfig,
  positionals: ["target", "model"],
  example:
    "arclet probe data/target runs/adapted --graded table.csv --graded-soft grade --graded-range 0,3 --out probe",
  async run(values) {
    const { out, model, seed } = values;
    if (isTaken(out)) refuse("probe", "out", "a name that is not taken", out);
    sayFinders([model]);
    const { makeProbe } = await import("../evaluate/probing/probe.ts");
    const { isHeldOut, judgeProbe, writeHeldOut } = await import("../evaluate/probing/judged.ts");
    const bar = (label: string, total: number) => progress(label, total, "images");
    const probed = await makeProbe(values, join(out, MODEL_FILE), bar);
    for (const note of probed.notes) console.log(note);
    if (isHeldOut(probed)) {
      for (const line of judgedLines(await judgeProbe(probed, seed))) console.log(line);
      for (const line of await writeHeldOut(join(out, "held-out.csv"), probed)) console.log(line);
    }
    console.log(`${join(out, MODEL_FILE)}: arclet score DATASET ${out} ranks all images by it`);
  },
});

function judgedLines({ lenses, others, auroc, gain }: JudgedProbe): string[] {
  const range = ({ low, high }: Interval) => `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
  const held = `held out: AUROC ${auroc.value.toFixed(3)} ${range(auroc)} of ${lenses} lenses and ${others} others`;
  if (gain === null) return [held];
  return [held, `the model itself: ${gain.second.toFixed(3)}; gain ${gain.value.toFixed(3)} ${range(gain)}`];
}
