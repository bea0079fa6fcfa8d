/** A run that diverges stops, or is rolled back to its last good epoch at half the rate. */
import { ArcletError } from "../../foundation/errors.ts";
import type { Position } from "../checkpoint.ts";
import { restore } from "../ranks/restoring.ts";
import type { Session } from "../session.ts";
import { stepsOfRun, type Training } from "./training.ts";

/** At most this many rollbacks; the rate is then an eighth. */
const MOST_ROLLBACKS = 3;

/** Restores the end of the last good epoch, with the rate halved. */
export async function rollBack(training: Training, position: Position, reason: string): Promise<Position> {
  const { session, checkpoints, curves, resolved, say } = training;
  const rate = position.rate / 2;
  if (rate < 2 ** -MOST_ROLLBACKS)
    throw diverged(session, position, `${reason}, after ${MOST_ROLLBACKS} rollbacks`);
  await restore(session, checkpoints.path(position.records.length));
  if (position.epoch === 0) session.trainer.begin(position.phase);
  const line = `rolled back at rate × ${rate}: ${reason}`;
  say(line);
  const rolledBack = [...position.rolledBack, line];
  const restored = { ...position, step: 0, sums: {}, window: {}, rate, rolledBack };
  curves.goBack(stepsOfRun(resolved, restored), position.records);
  return restored;
}

export function diverged({ config }: Session, { records }: Position, reason: string): ArcletError {
  const saved = records.length === 0 ? "" : `; epoch ${records.length} is saved in ${config.out}`;
  return new ArcletError({
    where: "train",
    code: "failed",
    problem: `${reason}${saved}`,
    fix: "try a lower --lr or a --clip",
  });
}
