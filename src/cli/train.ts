/** `arclet train`: trains an encoder on a labelled source and adapts it to an unlabelled target. */
// Imported from their own files: the façade loads figures, which takes a while, and compare and tune start this often.

import { join } from "node:path";
import { type TaskValues, taskFields } from "../cluster/tasks.ts";
import { openSeal } from "../evaluate/seal.ts";
import { openedFor } from "../evaluate/shared-seal.ts";
import { commandLine, commandWords } from "../foundation/command-line.ts";
import type { Origin } from "../foundation/config.ts";
import { refuse } from "../foundation/errors.ts";
import { yes } from "../foundation/field.ts";
import { provenance } from "../torch/provenance.ts";
import { type TrainConfig, trainSchema } from "../train/config.ts";
import type { TrainResult } from "../train/loop.ts";
import { MODEL_FILE } from "../train/model.ts";
import { oracleSplits } from "../train/oracle.ts";
import { CONFIG_FILE, refuseTaken } from "../train/run.ts";
import { command } from "./command.ts";
import { wordsWithout } from "./divided.ts";
import { sayFinders } from "./say-finders.ts";
import { methodText, trainChoices, withMethodFor } from "./train-choices.ts";
import { TRAIN_HELP, whoseSetting } from "./train-settings.ts";

export const train = command({
  details:
    "With a target and nothing more, the network learns the source and is then adapted by AdaMatch, as did best on real sky " +
    "(--preset survey); without a target it learns the source. Labels of the target are never read; the epoch is chosen by " +
    "a validator that needs none. --resume continues an interrupted run, to the same bits.",
  schema: (chosen) => {
    const { method, encoder, preset } = trainChoices(chosen);
    return trainSchema(method, encoder, preset).extend(taskFields);
  },
  help: TRAIN_HELP,
  whose: whoseSetting,
  positionals: ["source", "target"],
  example:
    "arclet train data/source data/target --encoder cnn --epochs 2 --steps-per-epoch 2 --out runs/adapted",
  async run(values, allOrigins) {
    const { train: trainRun } = await import("../train/train.ts");
    const { amongRanks } = await import("../train/ranks/meeting.ts");
    const { own, about } = apart(values);
    const origin = Object.fromEntries(Object.entries(allOrigins).filter(([key]) => !(key in taskFields)));
    const config = withMethodFor(own, origin);
    if (await handedOver(config, about)) return;
    await amongRanks(config, async (ranks, device) => {
      const say = (line: string) => console.log(line);
      const leads = ranks?.leads ?? true;
      if (leads) announce(config, origin, say);
      if (ranks !== null && leads) say(`ranks: ${ranks.size}`);
      const result = await trainRun(config, origin, {
        provenance: provenance("train"),
        say,
        device,
        ...(ranks !== null && { ranks }),
      });
      if (leads) say(resultText(result));
    });
  },
});

function apart(values: Record<string, unknown>): { own: TrainConfig; about: TaskValues } {
  const { on, tasks, slurm, profile, print, ...own } = values as TrainConfig & TaskValues;
  return { own: own as TrainConfig, about: { on, tasks, slurm, profile, print } };
}

/** Submits the training as a job of Slurm, if that was asked for. @returns whether it was */
async function handedOver({ out, resume }: TrainConfig, about: TaskValues): Promise<boolean> {
  const { on, tasks, slurm, profile, print } = about;
  if (on === "here") {
    if (print || (tasks ?? slurm ?? profile) !== null)
      refuse("train", "--tasks, --slurm, --profile, --print", "left out unless --on slurm is given", "given");
    return false;
  }
  if (tasks === null)
    refuse("train", "--tasks", "given with --on slurm: how many processes, one a GPU", null);
  if (!resume) refuseTaken(out);
  const words = wordsWithout(commandWords(), { ...taskFields, resume: yes("") });
  const { submitTasks } = await import("../cluster/tasks.ts");
  const job = { command: "train", words, out, begun: join(out, CONFIG_FILE), tasks };
  console.log(await submitTasks(job, about));
  return true;
}

/** What is said, and put on record, before the training. */
function announce(config: TrainConfig, origin: Record<string, Origin>, say: (line: string) => void): void {
  sayFinders([config.from]);
  const fits = config.target !== null || config.method === "source-only"; // else it will be refused
  if (origin.method === "default" && !config.resume && fits) say(methodText(config));
  if (config.target === null) return;
  // In a comparison it has been opened already, once for all runs.
  for (const split of oracleSplits(config))
    if (!openedFor(config.target, config.out, split))
      openSeal(config.target, { command: commandLine(), run: config.out, split });
}

function resultText({ chosen, last, select, folder }: TrainResult): string {
  const score = chosen.validators[select]!.toFixed(4);
  return `${folder}/${MODEL_FILE}: epoch ${chosen.epoch} of ${last.epoch}, chosen by ${select} (${score})`;
}
