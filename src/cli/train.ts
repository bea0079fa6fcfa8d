/** `arclet train`: trains an encoder on a labelled source and adapts it to an unlabelled target. */
// Imported from their own files: the façade loads figures, which takes a while, and compare and tune start this often.
import { openSeal } from "../evaluate/seal.ts";
import { openedFor } from "../evaluate/shared-seal.ts";
import { commandLine } from "../foundation/command-line.ts";
import { provenance } from "../torch/provenance.ts";
import { DEFAULT_ENCODER, DEFAULT_METHOD, type TrainConfig, trainSchema } from "../train/config.ts";
import { MODEL_FILE } from "../train/model.ts";
import { oracleSplits } from "../train/oracle.ts";
import { refuseWithoutPlugins } from "../train/run.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";
import { TRAIN_HELP, whoseSetting } from "./train-settings.ts";

export const train = command({
  details:
    "Labels of the target are never read; the epoch is chosen by a validator that needs none. --resume continues an " +
    "interrupted run, to the same bits.",
  schema: (chosen) => {
    // A method from a run's plug-in is unknown without it: report the missing plug-in, not the unknown method.
    const out = chosen("out");
    if (out !== undefined) refuseWithoutPlugins(out);
    return trainSchema(
      chosen("method") ?? DEFAULT_METHOD,
      chosen("encoder") ?? DEFAULT_ENCODER,
      chosen("preset") ?? "paper",
    );
  },
  help: TRAIN_HELP,
  whose: whoseSetting,
  positionals: ["source", "target"],
  example:
    "arclet train data/source data/target --method adda --encoder cnn --epochs 2 --adda.epochs 1 --out runs/adda",
  async run(values, origin) {
    const { train: trainRun } = await import("../train/train.ts");
    const say = (line: string) => console.log(line);
    const config = values as TrainConfig;
    sayFinders([config.from]);
    if (config.target !== null)
      // In a comparison it has been opened already, once for all runs.
      for (const split of oracleSplits(config))
        if (!openedFor(config.target, config.out, split))
          openSeal(config.target, { command: commandLine(), run: config.out, split });
    const result = await trainRun(config, origin, { provenance: provenance("train"), say });
    const { chosen, last, select, folder } = result;
    const score = chosen.validators[select]!.toFixed(4);
    console.log(
      `${folder}/${MODEL_FILE}: epoch ${chosen.epoch} of ${last.epoch}, chosen by ${select} (${score})`,
    );
  },
});
