/** Who watches operators being called: an exporter writes down what a network does while it runs once. */
import type { NativeOperator } from "./native.ts";
import { synchronous } from "./scope.ts";

export interface Watcher {
  /** After each call. @param name the operator's full name, @param result as `NativeOperator.call` returns it */
  called(name: string, operator: NativeOperator, args: readonly unknown[], result: unknown): void;
  /** Before a tensor's values are read into JavaScript. */
  read(tensor: { readonly handle: number }): void;
}

let current: Watcher | null = null;

/** The watcher of the enclosing `watched`, or null. */
export const watcher = (): Watcher | null => current;

/**
 * Whether operators are being written down for another engine: then what only suits libtorch on this machine, or depends on
 * the values of this batch, must be left out.
 */
export const isWatched = (): boolean => current !== null;

/** Runs `body` with every call of an operator shown to `by`; with null, to nobody. */
export function watched<T>(by: Watcher | null, body: () => T): T {
  const outer = current;
  current = by;
  try {
    return synchronous("watched", body());
  } finally {
    current = outer;
  }
}
