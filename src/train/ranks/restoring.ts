/** One state on all ranks: that of a checkpoint, and after each epoch rank 0's. */
import { ArcletError } from "../../foundation/errors.ts";
import { isFloating } from "../../torch/dtype.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { heldState, loadState, type Position, readCheckpoint } from "../checkpoint.ts";
import { disposeAll } from "../model.ts";
import type { Session } from "../session.ts";

/** Restores a checkpoint, which rank 0 reads. */
export async function restore(session: Session, path: string): Promise<Position> {
  const position = await session.ranks.share(() => readCheckpoint(path, session));
  const state = await session.ranks.state(() => heldState(session));
  if (state !== null) take(session, state);
  return position;
}

/** What rounding may add up to in an epoch, relative to a tensor's greatest value. */
const ROUNDING = 1e-3;

/**
 * Gives every rank the state of rank 0. All compute the same, but processors of two kinds may round differently.
 *
 * @throws ArcletError when a rank is further off than rounding explains
 */
export async function equalise(session: Session): Promise<void> {
  const state = await session.ranks.state(() => heldState(session));
  if (state === null) return;
  const off = tidy(() => furthest(heldState(session), state));
  if (off !== null) {
    disposeAll(state.values());
    const { name, by } = off;
    const problem = `${name} is off from rank 0's by ${by.toPrecision(2)} of its greatest value`;
    throw new ArcletError({ where: `rank ${session.ranks.rank}`, code: "failed", problem });
  }
  take(session, state);
}

function take(session: Session, state: ReadonlyMap<string, Tensor>): void {
  try {
    tidy(() => loadState("rank 0", session, state));
  } finally {
    disposeAll(state.values());
  }
}

/** The tensor that is off by more than rounding; null if none is. */
function furthest(
  own: ReadonlyMap<string, Tensor>,
  other: ReadonlyMap<string, Tensor>,
): { name: string; by: number } | null {
  for (const [name, value] of own) {
    const theirs = other.get(name);
    if (theirs === undefined) return { name, by: 1 };
    if (!isFloating(value.dtype) || value.size === 0) continue;
    const greatest = theirs.abs().max().item();
    const by = value.detach().toDevice(theirs.device).sub(theirs).abs().max().item() / (greatest + 1e-12);
    if (by > ROUNDING) return { name, by };
  }
  return null;
}
