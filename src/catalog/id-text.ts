/** Ids as texts. */
import { ArcletError, type Location } from "../foundation/errors.ts";
import type { Value } from "./table.ts";

/** Up to these, floating-point numbers of 32 and 64 bits count without a gap. */
export const EXACT = { FLOAT: 2 ** 24, DOUBLE: 2 ** 53 } as const;

/**
 * A cell of a column of ids as text, without blanks at its ends, accents composed (NFC); empty if the
 * cell is.
 *
 * @param single whether the file holds the column's numbers in 32 bits
 * @throws ArcletError for a floating-point number from 2^53, or of 32 bits from 2^24, which can't be told from its neighbours
 */
export function idText(value: Value | undefined, at: Location, column: string, single = false): string {
  if (value == null) return "";
  // Whole numbers beyond 2^53 are bigint.
  if (typeof value === "number" && Math.abs(value) >= (single ? EXACT.FLOAT : EXACT.DOUBLE))
    throw inexactId(at, column, value);
  return String(value).trim().normalize("NFC");
}

export const inexactId = (at: Location, column: string, value: unknown): ArcletError =>
  new ArcletError({
    ...at,
    code: "argument",
    field: column,
    problem: `is ${value}, a floating-point number too large to tell it from its neighbours`,
    fix: "write the ids as whole numbers of 64 bits, or as text",
  });
