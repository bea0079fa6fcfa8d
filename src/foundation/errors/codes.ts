/**
 * The kinds of errors. A code is for programs: it determines the command line's exit code, how a flaw in an import is
 * counted, and whether a download is tried again. The sentence is for people; no code parses it.
 *
 * Which one to use:
 * - for what the caller or the user's file says: a wrong value is `argument`; a name that Arclet doesn't know, `unknown`;
 *   something required that isn't there, `missing`; two things that don't go together, `conflict`
 * - for a file: not there, or lacking the requested part, is `absent`; there, but the system won't let us read it,
 *   `unreadable`; cut off in the middle, `truncated`; contradicting itself or its format, `broken`; valid, but of a kind
 *   that isn't supported, `unsupported`; beyond a limit, `too-large`; valid, but with nothing usable in it, `empty`
 * - for the surroundings: the machine, its set-up or its disk is `machine`; a service on the network, `service`; work
 *   that failed although its input was fine, `failed`
 * - `interrupted` is thrown at safe points only, and `internal` only for bugs in Arclet.
 */

/** Exit codes of the command line. */
export const EXIT = { ok: 0, internal: 1, refused: 2, interrupted: 130 } as const;

interface Meaning {
  /** For the documents. */
  means: string;
  /** What the command line exits with. */
  exit: number;
}

/** All codes of errors: what each means, and the exit code of a command that ends with it. */
export const CODES = {
  argument: { means: "a value is not what it must be", exit: EXIT.refused },
  unknown: { means: "a name that is not known", exit: EXIT.refused },
  missing: { means: "something required is not given", exit: EXIT.refused },
  conflict: { means: "two things that do not go together", exit: EXIT.refused },
  absent: { means: "a file, or a part of it, that is not there", exit: EXIT.refused },
  unreadable: { means: "a file that the system does not let us read or write", exit: EXIT.refused },
  truncated: { means: "a file that ends before its content does", exit: EXIT.refused },
  broken: { means: "a file that contradicts itself or its format", exit: EXIT.refused },
  unsupported: { means: "a valid file or request of a kind that is not supported", exit: EXIT.refused },
  "too-large": { means: "more than a limit allows", exit: EXIT.refused },
  empty: { means: "nothing usable is left", exit: EXIT.refused },
  machine: { means: "the machine: its set-up, memory or disk", exit: EXIT.refused },
  service: { means: "a service on the network", exit: EXIT.refused },
  failed: { means: "work that failed although its input was fine", exit: EXIT.refused },
  interrupted: { means: "the user asked to stop", exit: EXIT.interrupted },
  internal: { means: "a bug in Arclet", exit: EXIT.internal },
} as const satisfies Record<string, Meaning>;

/** What kind of fault an error is about. */
export type ErrorCode = keyof typeof CODES;

/** Whether a text, e.g. the code of an error from a native door, is one of these codes. */
export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(CODES, code);
