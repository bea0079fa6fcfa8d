/** The values of a FITS ASCII table's fields (FITS standard 4.0, sections 4.2 and 7.2.5). */
import { ArcletError, type Location } from "../foundation/errors.ts";
import type { AsciiField } from "./door.ts";

/**
 * Texts as the column's kind; null stays null. Whole numbers are bigint.
 *
 * @throws ArcletError naming the row for a field that is not a number
 */
export function asciiValues(
  texts: readonly (string | null)[],
  { name, kind, decimals = 0, scale = 1, zero = 0 }: Partial<AsciiField> & { name: string; kind: string },
  where: Location,
): (string | number | bigint | null)[] {
  if (kind === "text") return [...texts];
  return texts.map((text, row) => {
    if (text === null || /^[+-]?(nan|inf(inity)?)$/i.test(text)) return null;
    if (kind === "whole" && /^[+-]?\d+$/.test(text)) return BigInt(text.replace("+", ""));
    const number = numberOf(text, decimals);
    if (number === null)
      throw new ArcletError({
        ...where,
        row: row + 1,
        code: "broken",
        field: name,
        problem: `holds ${text}, not a number`,
      });
    return number * scale + zero;
  });
}

/** `1.5`, `-2.5D+02`, `15+2` (an exponent without its letter), or `15` with an implied point. */
function numberOf(text: string, decimals: number): number | null {
  const parts = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[EeDd]([+-]?\d+)|([+-]\d+))?$/.exec(text.replace(/\s+/g, ""));
  if (parts === null) return null;
  const [, mantissa, lettered, bare] = parts;
  const implied = mantissa!.includes(".") ? 0 : decimals;
  return Number(`${mantissa}e${Number(lettered ?? bare ?? 0) - implied}`);
}
