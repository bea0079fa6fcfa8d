/** What an error is made of. */
import type { ErrorCode } from "./codes.ts";

/** Where something is wrong: what refuses it, and where in a file. */
export interface Location {
  /** The user's file, or the command, function or class that refuses, e.g. `train` or `table.csv`. */
  where: string;
  /** A part of the file, as the user knows it: `HDU 2`, `entry images.npy`. */
  part?: string | undefined;
  /** The line of a text file, from 1. */
  line?: number | undefined;
  /** The row of a table, from 1. */
  row?: number | undefined;
  /** The id of the row's object. */
  id?: string | undefined;
}

/** Keys and indices, outermost first: `["bands", 1, "seeing"]`. */
export type FieldPath = readonly PropertyKey[];

/**
 * An error as data. Its sentence (`sentence.ts`) says `problem` if there is one, and otherwise what `field` must be, or
 * that it is missing or not known.
 */
export interface ErrorData extends Location {
  /** What kind of fault it is. */
  code: ErrorCode;
  /** The argument, column or setting that is wrong, as the user spells it. */
  field?: string | FieldPath | undefined;
  /** What the field must be, e.g. `a positive number`. */
  must?: string | undefined;
  /** What it was; left out if that would say nothing. */
  got?: unknown;
  /** The known name that may have been meant. */
  near?: string | undefined;
  /** What is wrong, if it is more than a field's value. With a field, the predicate about it. */
  problem?: string | undefined;
  /** The way out, e.g. `give --zero-point`. */
  fix?: string | undefined;
}
