/**
 * Stopping at the user's wish: the first Ctrl-C (or SIGTERM) asks, long work stops at its next safe point and
 * saves; the second one stops at once. A process that another one started with a channel is asked by the channel's end,
 * which a parent that is gone leaves too.
 */
import { EXIT, Interrupted } from "./errors.ts";

let asked = false;
let listening = false;

/** Starts listening for SIGINT and SIGTERM. Called once by the command line. */
export function listenForInterrupts(): void {
  if (listening) return;
  listening = true;
  const onSignal = () => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    process.stderr.write("\nstopping at the next safe point (once more to stop at once)\n");
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("disconnect", () => {
    asked = true;
  });
  process.channel?.unref();
  // The parent may have gone before this process listened.
  if (process.send !== undefined && !process.connected) asked = true;
}

/** Whether the user asked to stop. */
export const interrupted = (): boolean => asked;

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
 * @throws Interrupted when the user asked to stop; `saved` says what was saved and how to go on
 */
export async function safePoint(saved: string): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  if (asked) throw new Interrupted(saved);
}
