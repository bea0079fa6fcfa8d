/** Tensors that a test leaves behind. */
import { setTimeout as later } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import { liveTensors } from "../../src/torch/scope.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Rounds in a row that must free nothing. Finalizers run in tasks of their own, some time after the collection. */
const QUIET_ROUNDS = 4;

/**
 * How many tensors are live once JavaScript has collected those that nothing holds. Files share a process, and what one
 * left to the collector may be freed while the next one waits for a promise: a count taken before that is too high. What is
 * still held then may be freed later all the same, so a test that waits for promises ends with no more than this count; no
 * test can end with fewer by itself, since nothing is disposed twice.
 */
export async function settledTensors(): Promise<number> {
  for (let live = liveTensors(), quiet = 0; quiet < QUIET_ROUNDS && live > 0; ) {
    collect();
    await later(10);
    quiet = liveTensors() < live ? 0 : quiet + 1;
    live = liveTensors();
  }
  return liveTensors();
}

/** From here on each test of the file must end with as many live tensors as it started with. */
export function noTensorIsLeft(): void {
  let before = 0;
  beforeAll(async () => {
    await settledTensors();
  });
  beforeEach(() => {
    before = liveTensors();
  });
  afterEach(() => {
    expect(liveTensors()).toBeLessThanOrEqual(before);
  });
}
