/** Files whose tests take seconds say so, and why. */
import { vi } from "vitest";

/**
 * Milliseconds after which a slow test is taken to hang. The slowest takes some 10 s on an idle machine, and several times
 * as long on one that is shared.
 */
export const SLOW = 300_000;

/** Gives the tests and hooks of the calling file that long. @param _why what takes seconds, for whoever reads the file */
export function slow(_why: string): void {
  vi.setConfig({ testTimeout: SLOW, hookTimeout: SLOW });
}
