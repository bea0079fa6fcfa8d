/** What is done with a run that goes wrong: it stops, or goes back to its last good epoch at half the rate. */
import { ArcletError } from "../../foundation/errors.ts";
import { type Position, readCheckpoint } from "../checkpoint.ts";
import type { Session } from "../session.ts";
import { stepsOfRun, type Training } from "./training.ts";

/** A run is rolled back so often; the rate is then an eighth. */
const MOST_ROLLBACKS = 3;

/** Puts everything where the last good epoch left it, with the rate halved. */
export function rollBack(training: Training, at: Position, why: string): Position {
  const { session, checkpoints, curves, resolved, say } = training;
  const rate = at.rate / 2;
  if (rate < 2 ** -MOST_ROLLBACKS) throw diverged(session, at, `${why}, after ${MOST_ROLLBACKS} rollbacks`);
  readCheckpoint(checkpoints.path(at.records.length), session);
  if (at.epoch === 0) session.trainer.begin(at.phase);
  const line = `rolled back at rate × ${rate}: ${why}`;
  say(line);
  const back = { ...at, step: 0, sums: {}, window: {}, rate, rolledBack: [...at.rolledBack, line] };
  curves.goBack(stepsOfRun(resolved, back), at.records);
  return back;
}

export function diverged({ config }: Session, { records }: Position, where: string): ArcletError {
  const saved = records.length === 0 ? "" : `; epoch ${records.length} is saved in ${config.out}`;
  return new ArcletError({
    where: "train",
    code: "failed",
    problem: `${where}${saved}`,
    fix: "a lower --lr or a --clip may help",
  });
}
