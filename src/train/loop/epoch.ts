/** One epoch: its steps, what validators say afterwards, and what seems to go wrong. */
import type { Progress } from "../../foundation/progress.ts";
import type { Position } from "../checkpoint.ts";
import { type Validation, validate } from "../validate.ts";
import { troubles } from "../watch.ts";
import { takeSteps } from "./steps.ts";
import type { PhaseLength, Training } from "./training.ts";

export interface Ended {
  /** The steps' numbers, averaged over the epoch. */
  train: Record<string, number>;
  /** Part of the steps' time in which they waited for data. */
  dataShare: number;
  /** Null when the steps ended in a number that is not finite. */
  scored: Validation | null;
  /** What went wrong. */
  wrong: string[];
}

/** Trains the rest of an epoch and judges it. */
export async function trainEpoch(
  training: Training,
  length: PhaseLength,
  at: Position,
  bar: Progress,
): Promise<Ended> {
  const { session } = training;
  const { trainer, start, feed, priors } = session;
  const [begun, fed] = [performance.now(), feed.milliseconds];
  const { train, notFinite } = await takeSteps(training, length, at, bar);
  const share = (feed.milliseconds - fed) / Math.max(performance.now() - begun, 1e-3);
  const dataShare = Math.round(1e4 * Math.min(1, share)) / 1e4;
  if (notFinite !== null) return { train, dataShare, scored: null, wrong: [notFinite] };
  const scored = validate(session, trainer.model(at.phase));
  const lost = Object.entries(scored.scores).find(([, score]) => !Number.isFinite(score));
  if (lost !== undefined) {
    const wrong = [`validator ${lost[0]} is ${lost[1]}: the predictions are not finite`];
    return { train, dataShare, scored: null, wrong };
  }
  const adapting = trainer.phases[at.phase]!.batch.target > 0;
  const outlook = adapting ? scored.outlook : null;
  const { classes } = start.blueprint;
  return { train, dataShare, scored, wrong: troubles({ train, outlook, classes, prior: priors.target }) };
}
