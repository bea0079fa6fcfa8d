/**
 * The kinds of errors. A code is for programs: it decides the command line's exit code, how a flaw in an import is
 * counted, and whether a download is tried again. The sentence is for people; nothing reads it back.
 *
 * Which one to take:
 * - what the caller or the user's file says is wrong: `argument`; a name that Arclet doesn't know: `unknown`; something
 *   that has to be there and isn't: `missing`; two things that don't go together: `conflict`
 * - what a path leads to: nothing there, or not the part of it that was asked for: `absent`; there, but the system won't
 *   let it be read: `unreadable`; cut off in the middle: `truncated`; contradicts itself or its format: `broken`; sound,
 *   but of a kind that isn't read: `unsupported`; beyond a limit: `too-large`; sound, but with nothing in it that could
 *   be used: `empty`
 * - what the program runs on: the machine, its set-up or its disk: `machine`; a service on the network: `service`; work
 *   that ended badly although its input was fine: `failed`
 * - `interrupted` is thrown at safe points alone, and `internal` where only a bug in Arclet leads.
 */

/** Exit codes of the command line. */
export const EXIT = { ok: 0, internal: 1, refused: 2, interrupted: 130 } as const;

interface Meaning {
  /** What it says, for the documents. */
  means: string;
  /** What the command line leaves with. */
  exit: number;
}

export const CODES = {
  argument: { means: "a value is not what it must be", exit: EXIT.refused },
  unknown: { means: "a name that is not known", exit: EXIT.refused },
  missing: { means: "something that has to be given is not", exit: EXIT.refused },
  conflict: { means: "two things that do not go together", exit: EXIT.refused },
  absent: { means: "a file, or a part of it, that is not there", exit: EXIT.refused },
  unreadable: { means: "a file that the system does not let us read or write", exit: EXIT.refused },
  truncated: { means: "a file that ends before its content does", exit: EXIT.refused },
  broken: { means: "a file that contradicts itself or its format", exit: EXIT.refused },
  unsupported: { means: "a sound file, or a wish, of a kind that is not supported", exit: EXIT.refused },
  "too-large": { means: "more than a limit allows", exit: EXIT.refused },
  empty: { means: "nothing that could be used is left", exit: EXIT.refused },
  machine: { means: "the machine: its set-up, memory or disk", exit: EXIT.refused },
  service: { means: "a service on the network", exit: EXIT.refused },
  failed: { means: "work that ended badly", exit: EXIT.refused },
  interrupted: { means: "the user asked to stop", exit: EXIT.interrupted },
  internal: { means: "a bug in Arclet", exit: EXIT.internal },
} as const satisfies Record<string, Meaning>;

export type ErrorCode = keyof typeof CODES;

/** Whether a text, e.g. the code of an error from a native door, is a code of ours. */
export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(CODES, code);
