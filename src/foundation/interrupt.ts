/**
 * Stopping on request: after the first Ctrl-C (or SIGTERM) long work saves and stops at its next safe point; the second
 * one stops at once. A child process with a channel to its parent is also asked to stop when the channel closes, as it
 * does when the parent ends.
 */
import { EXIT, Interrupted } from "./errors.ts";

let stopRequested = false;
let listening = false;
/** Whether safe points stop only what was agreed on, by `agreeToStop`. */
let together = false;
let agreed = false;

/** Starts listening for SIGINT and SIGTERM, for a command that begins: what stopped an earlier one is forgotten. */
export function listenForInterrupts(): void {
  // The parent may have gone before this process listened.
  stopRequested = process.send !== undefined && !process.connected;
  if (listening) return;
  listening = true;
  const onSignal = () => {
    if (stopRequested) process.exit(EXIT.interrupted);
    stopRequested = true;
    process.stderr.write("\nstopping at the next safe point (again to stop at once)\n");
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("disconnect", () => {
    stopRequested = true;
  });
  process.channel?.unref();
}

/** Whether the user asked to stop. */
export const interrupted = (): boolean => stopRequested;

/**
 * With `on`, safe points go on until `agreeToStop`: one of several processes that work together must not stop alone. What it
 * was asked, `interrupted` tells.
 */
export function stopTogether(on: boolean): void {
  [together, agreed] = [on, false];
}

/** All stop at their next safe point. */
export function agreeToStop(): void {
  agreed = true;
}

/** Between two safe points of `pacedSafePoint`, ms. */
const PACE = 50;

/**
 * A safe point for long work of short steps: most calls return at once, and events run every 50 ms.
 *
 * @param saved as in `safePoint`
 * @returns what to await before a step; it throws Interrupted as `safePoint`
 */
export function pacedSafePoint(saved: string): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < PACE) return undefined;
    return safePoint(saved).finally(() => {
      last = performance.now();
    });
  };
}

/**
 * Lets pending events (signals, progress bars) run. Long loops await it between steps.
 *
 * @throws Interrupted when the user asked to stop; `saved` says what was saved and how to resume
 */
export async function safePoint(saved: string): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  if (together ? agreed : stopRequested) throw new Interrupted(saved);
}
