/** `arclet train`: trains an encoder on a labelled source and adapts it to an unlabelled target. */
// Imported from their own files: the façade loads figures, which takes a while, and compare and tune start this often.
import { openSeal } from "../evaluate/seal.ts";
import { openedFor } from "../evaluate/shared-seal.ts";
import { commandLine } from "../foundation/command-line.ts";
import type { Origin } from "../foundation/config.ts";
import { provenance } from "../torch/provenance.ts";
import { type TrainConfig, trainSchema } from "../train/config.ts";
import type { TrainResult } from "../train/loop.ts";
import { MODEL_FILE } from "../train/model.ts";
import { oracleSplits } from "../train/oracle.ts";
import { command } from "./command.ts";
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
    return trainSchema(method, encoder, preset);
  },
  help: TRAIN_HELP,
  whose: whoseSetting,
  positionals: ["source", "target"],
  example:
    "arclet train data/source data/target --encoder cnn --epochs 2 --steps-per-epoch 2 --out runs/adapted",
  async run(values, origin) {
    const { train: trainRun } = await import("../train/train.ts");
    const { amongRanks } = await import("../train/ranks/meeting.ts");
    const config = withMethodFor(values as TrainConfig, origin);
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
