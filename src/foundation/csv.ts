/** Texts in a CSV file (RFC 4180). */

/** A text as a field: quoted where it holds what divides fields or lines. */
export const csvField = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
