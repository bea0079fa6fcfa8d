/** One epoch: its steps, its validation, and signs of trouble. */
import { methods } from "../../adapt/registry.ts";
import { Interrupted } from "../../foundation/errors.ts";
import type { Progress } from "../../foundation/progress.ts";
import type { Position } from "../checkpoint.ts";
import { equalise } from "../ranks/restoring.ts";
import { type Validation, validate } from "../validate.ts";
import { troublesOf } from "../watch.ts";
import { takeSteps } from "./steps.ts";
import { type PhaseLength, savedText, type Training } from "./training.ts";

export interface EpochOutcome {
  /** The steps' numbers, averaged over the epoch. */
  train: Record<string, number>;
  /** Share of the steps' time spent on data. */
  dataShare: number;
  /** Null if a number was not finite. */
  scored: Validation | null;
  /** What went wrong. */
  troubles: string[];
}

/** Validates an epoch whose steps are all taken; they are saved when the user stops it meanwhile. */
async function validated({ session, checkpoints }: Training, trained: Position): Promise<Validation> {
  try {
    return await validate(session, session.trainer.model(trained.phase), savedText(session));
  } catch (stop) {
    if (stop instanceof Interrupted) checkpoints.write(session, trained);
    throw stop;
  }
}

/** Trains the rest of an epoch and validates it. */
export async function trainEpoch(
  training: Training,
  length: PhaseLength,
  position: Position,
  bar: Progress,
): Promise<EpochOutcome> {
  const { session } = training;
  const { trainer, start, feed, priors } = session;
  const [begin, feedBefore] = [performance.now(), feed.milliseconds];
  const { train, sums, notFinite } = await takeSteps(training, length, position, bar);
  const share = (feed.milliseconds - feedBefore) / Math.max(performance.now() - begin, 1e-3);
  const dataShare = Math.round(1e4 * Math.min(1, share)) / 1e4;
  if (notFinite !== null) return { train, dataShare, scored: null, troubles: [notFinite] };
  await equalise(session);
  const trained = { ...position, step: length.stepsPerEpoch, sums, window: {} };
  const scored = await validated(training, trained);
  if (!scored.finite)
    return { train, dataShare, scored: null, troubles: ["the network's predictions are not finite"] };
  const broken = Object.entries(scored.scores).find(([, score]) => !Number.isFinite(score));
  if (broken !== undefined) {
    const line = `validator ${broken[0]} is ${broken[1]}: the predictions are not finite`;
    return { train, dataShare, scored: null, troubles: [line] };
  }
  const adapting = trainer.phases[position.phase]!.batch.target > 0;
  const outlook = adapting ? scored.outlook : null;
  const { numbers } = methods.find(session.config.method);
  const { classes } = start.blueprint;
  const troubles = troublesOf({ train, numbers, outlook, classes, prior: priors.target });
  return { train, dataShare, scored, troubles };
}
