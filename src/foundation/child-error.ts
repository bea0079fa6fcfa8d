/** How a child process reports to its parent, through their channel, why it failed. */

import { type ErrorCode, isErrorCode } from "./errors/codes.ts";
import { reasonOf } from "./errors/foreign.ts";
import { ArcletError } from "./errors.ts";

/** Sends an error to the parent, if this process has a channel to one. */
export function sendError(error: unknown): Promise<void> {
  const failure = error instanceof ArcletError ? error.toJSON() : { message: reasonOf(error) };
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send({ failed: failure }, undefined, undefined, () => resolve());
  });
}

/** The sentence of the error that a child sent; undefined for any other message. */
export function sentError(message: unknown): string | undefined {
  const text = (message as { failed?: { message?: unknown } } | null)?.failed?.message;
  return typeof text === "string" ? text : undefined;
}

/** The code of the error that a child sent; undefined for any other message, and for a bug. */
export function sentCode(message: unknown): ErrorCode | undefined {
  const code = (message as { failed?: { code?: unknown } } | null)?.failed?.code;
  return isErrorCode(code) ? code : undefined;
}
