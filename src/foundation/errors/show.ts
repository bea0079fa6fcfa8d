/** Values and other programs' texts, made fit for an error message. */
import { withoutSecrets } from "../secrets.ts";
import { escaped } from "../terminal.ts";

/** A value on one line of at most 120 characters; strings are quoted. */
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

/**
 * A text on one line that is safe to print: line breaks become spaces, control characters are escaped; longer runs of them
 * and invalid bytes become `?`. Other libraries' messages repeat whatever bytes they found in a file.
 */
export const oneLine = (text: string): string =>
  withoutSecrets(text)
    .replace(/\s*[\t\n\v\f\r]+\s*/g, " ")
    .replace(/[\p{C}\uFFFD]+/gu, (run) =>
      run.length > MOST_ESCAPED || /[\p{Cn}\p{Co}\uFFFD]/u.test(run) ? "?" : [...run].map(escaped).join(""),
    )
    .trim();
const MOST_ESCAPED = 4;
