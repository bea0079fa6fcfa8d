/** Angles as catalogues write them: degrees, radians, hours, sexagesimal. */

/** The unit of a column's numbers; sexagesimal texts have their own (hours for a right ascension). */
export type AngleUnit = "deg" | "hour" | "rad";

/** The unit that a file's wording stands for; null if none. */
export function angleUnit(words: string): AngleUnit | null {
  const text = words.trim().toLowerCase();
  if (/^('?d(eg)?(ree)?s?'?|°|deg\.?)$/.test(text)) return "deg";
  if (/^(h|hr|hrs|hour|hours|hourangle)$/.test(text)) return "hour";
  return /^rad(ian)?s?$/.test(text) ? "rad" : null;
}

const TO_DEGREES: Record<AngleUnit, number> = { deg: 1, hour: 15, rad: 180 / Math.PI };
export const toDegrees = (value: number, unit: AngleUnit): number => value * TO_DEGREES[unit];

const PARTS =
  /^([+-]?)(\d{1,3})(?:\s*[:hd°]\s*|\s+)(\d{1,2})(?:(?:\s*[:m'′]\s*|\s+)(\d{1,2}(?:\.\d*)?)\s*(?:s|"|″|'')?)?\s*(?:m|'|′)?$/;

/**
 * `12:34:56.7`, `12 34 56.7`, `12h34m56.7s`, `-05d06m07.8s` or `12:34` as degrees.
 *
 * @param hours whether the first part is hours unless the text says otherwise
 * @returns null if the text is none of these, or minutes or seconds are 60 or more
 */
export function sexagesimal(text: string, hours: boolean): number | null {
  const match = PARTS.exec(text.trim().replace("−", "-"));
  if (match === null) return null;
  const [, sign, first, minutes, seconds = "0"] = match;
  if (Number(minutes) >= 60 || Number(seconds) >= 60) return null;
  const value = Number(first) + Number(minutes) / 60 + Number(seconds) / 3600;
  const inHours = /h/i.test(text) || (hours && !/[d°]/.test(text));
  return (sign === "-" ? -1 : 1) * value * (inHours ? 15 : 1);
}
