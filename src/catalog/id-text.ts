/** Ids as texts. */
import { ArcletError, type Location } from "../foundation/errors.ts";
import type { Value } from "./table.ts";

/**
 * A cell of a column of ids as text, without blanks at its ends, accents composed (NFC); empty if the
 * cell is.
 *
 * @throws ArcletError for a floating-point number beyond 2^53, which can't be told from its neighbours
 */
export function idText(value: Value | undefined, at: Location, column: string): string {
  if (value == null) return "";
  // Whole numbers beyond 2^53 are bigint.
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
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
