/** Tensors that a test leaves behind. */
import { setTimeout as later } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import { liveTensors } from "../../src/torch/scope.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/**
 * How many tensors are live once JavaScript has collected those that nothing holds. Files share a process, and what one
 * left to the collector may be freed while the next one waits for a promise: a count taken before that is too high.
 */
export async function settledTensors(): Promise<number> {
  for (let before = Number.POSITIVE_INFINITY; liveTensors() < before; ) {
    before = liveTensors();
    collect();
    await later(1); // finalizers run between tasks
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
    expect(liveTensors()).toBe(before);
  });
}
