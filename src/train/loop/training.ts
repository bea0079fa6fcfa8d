/** The parts that the loop works with, and its progress. */
import type { Checkpoints, Position } from "../checkpoint.ts";
import type { Curves } from "../curves.ts";
import type { RunConfig } from "../run.ts";
import type { Session } from "../session.ts";

export interface Training {
  session: Session;
  checkpoints: Checkpoints;
  curves: Curves;
  resolved: RunConfig["resolved"];
  say: (line: string) => void;
}

/** What a run that the user stops says: every step that was taken can be resumed from. */
export const savedText = ({ config }: Session): string =>
  `${config.out} is saved; the same command with --resume continues`;

/** A phase's length in steps. */
export interface PhaseLength {
  stepsPerEpoch: number;
  totalSteps: number;
}

/** Steps of the whole run that are done. */
export function stepsOfRun({ phases }: RunConfig["resolved"], { phase, epoch, step }: Position): number {
  const before = phases
    .slice(0, phase)
    .reduce((sum, { epochs, stepsPerEpoch }) => sum + epochs * stepsPerEpoch, 0);
  return before + epoch * (phases[phase]?.stepsPerEpoch ?? 0) + step;
}
