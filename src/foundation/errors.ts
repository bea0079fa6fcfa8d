/**
 * What can go wrong by the user's hand, and how it is told.
 *
 * Every refusal reads `where: argument must be X, got Y`; the command line prints it as one line and leaves
 * with the error's exit code. Anything that is not an ArcletError is our own fault and leaves with 1.
 */

/** Exit codes of the command line. */
export const EXIT = { ok: 0, internal: 1, refused: 2, interrupted: 130 } as const;

export class ArcletError extends Error {
  override readonly name: string = "ArcletError";

  constructor(message: string, options?: { cause?: unknown; exitCode?: number }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options?.exitCode ?? EXIT.refused;
  }

  readonly exitCode: number;
}

/** Raised at a safe point after the user asked to stop; what was done so far is saved. */
export class Interrupted extends ArcletError {
  override readonly name = "Interrupted";

  constructor(message: string) {
    super(message, { exitCode: EXIT.interrupted });
  }
}

/**
 * Refuses an argument.
 *
 * @param where the command, function or file (with its row) that refuses, e.g. `train` or `table.csv row 12`
 * @param argument the argument's or column's name
 * @param must what it must be, e.g. `a positive number`
 * @param got what it was; strings are quoted, long values shortened
 * @throws ArcletError always
 */
export function refuse(where: string, argument: string, must: string, got: unknown): never {
  throw new ArcletError(`${where}: ${argument} must be ${must}, got ${show(got)}`);
}

/** A value as it stands in an error message: one line, at most 120 characters. */
export function show(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : plain(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function plain(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value !== "object") return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
