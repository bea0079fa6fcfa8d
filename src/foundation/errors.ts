/**
 * Errors that the user can put right. An error is data (`errors/data.ts`): where, which field, what it must be and what
 * it was, with a code (`errors/codes.ts`) that a program can act on. Its sentence, for people, is made from the data in
 * one place (`errors/sentence.ts`); the command line prints it as one line and exits with the error's exit code.
 * Anything that is not an ArcletError is a bug in Arclet and exits with 1.
 */
import { CODES, type ErrorCode } from "./errors/codes.ts";
import type { ErrorData, FieldPath, Location } from "./errors/data.ts";
import { flaw, reason, sentence } from "./errors/sentence.ts";
import { show } from "./errors/show.ts";
import { withoutSecrets } from "./secrets.ts";

export { CODES, type ErrorCode, EXIT } from "./errors/codes.ts";
export type { ErrorData, FieldPath, Location } from "./errors/data.ts";
export { oneLine, show } from "./errors/show.ts";

/** What a caller or a file got wrong, as data with a code; its message is the line that the command line prints. */
export class ArcletError extends Error {
  /** `ArcletError`. */
  override readonly name: string = "ArcletError";
  /** All that is known about it. */
  readonly data: Readonly<ErrorData>;

  constructor(data: ErrorData, options?: { cause?: unknown }) {
    super(sentence(data), options?.cause === undefined ? undefined : { cause: options.cause });
    this.data = data;
  }

  /** The file, command or function that refuses. */
  get where(): string {
    return this.data.where;
  }

  /** The kind of error, see `CODES`. */
  get code(): ErrorCode {
    return this.data.code;
  }

  /** The argument, column or setting that is wrong: its name, or its keys, outermost first. */
  get field(): string | FieldPath | undefined {
    return this.data.field;
  }

  /** What the field must be. */
  get must(): string | undefined {
    return this.data.must;
  }

  /** What the field was; undefined if that would say nothing. */
  get got(): unknown {
    return this.data.got;
  }

  /** The line of a text file, from 1. */
  get line(): number | undefined {
    return this.data.line;
  }

  /** The row of a table, from 1. */
  get row(): number | undefined {
    return this.data.row;
  }

  /** The sentence without where it happened. */
  get reason(): string {
    return reason(this.data);
  }

  /** The sentence without the file's name, for a report that gives it. */
  get flaw(): string {
    return flaw(this.data);
  }

  /** What the command line exits with. */
  get exitCode(): number {
    return CODES[this.code].exit;
  }

  /** The same error at another location or field. */
  with(
    context: Partial<Location> & { field?: string | FieldPath } & Partial<
        Pick<ErrorData, "must" | "problem" | "fix">
      >,
  ): ArcletError {
    return new ArcletError({ ...this.data, ...context }, { cause: this });
  }

  /** For programs: the data, with its value as a number, boolean or short text, and the sentence. */
  toJSON(): Record<string, unknown> {
    const { got } = this.data;
    const value = "got" in this.data ? { got: plain(got) } : {};
    return { name: this.name, message: this.message, exitCode: this.exitCode, ...this.data, ...value };
  }
}

/** Thrown at a safe point after the user asked to stop; the work so far is saved. */
export class Interrupted extends ArcletError {
  /** `Interrupted`. */
  override readonly name = "Interrupted";

  /** @param saved what was saved, and how to resume */
  constructor(saved: string) {
    super({ where: "interrupted", code: "interrupted", problem: saved });
  }

  /** An interruption has no location. */
  override with(): ArcletError {
    return this;
  }
}

/**
 * Refuses a value: short for throwing an `ArcletError`.
 *
 * @param where the command, function or file that refuses, e.g. `train`, or with its row `{ where: path, row: 12 }`
 * @param field the argument's or column's name
 * @param must what it must be, e.g. `a positive number`
 * @param got what it was; strings are quoted, long values shortened
 * @param code `argument` for the user's value; `broken` for a value in a file's own structure
 * @throws ArcletError always
 */
export function refuse(
  where: string | Location,
  field: string | FieldPath,
  must: string,
  got: unknown,
  code: ErrorCode = "argument",
): never {
  const location = typeof where === "string" ? { where } : where;
  throw new ArcletError({ ...location, code, field, must, got });
}

/** A value that JSON can hold and that is short enough for a log. */
function plain(value: unknown): unknown {
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return value;
  return withoutSecrets(typeof value === "string" ? value.slice(0, 120) : show(value));
}
