/** Names of people's making in names of files. */
import { createHash } from "node:crypto";

/**
 * A text as part of a file's name: runs of what is no letter, digit, `_`, `.` or `-` become one `-`. Texts that differ may
 * become the same.
 */
export const inFileName = (text: string): string => text.replace(/[^\w.-]+/g, "-");

/** Beyond it, file systems take no name. */
const MOST = 150;

/**
 * A text as part of a file's name that no other text has: what is no letter, digit or one of `+-._` is written as `%` and its
 * UTF-8 bytes, as a dot at the beginning is; what is longer than 150 characters ends in a hash.
 */
export function ownFileName(text: string): string {
  const name = [...text]
    .map((sign, k) => (/[\w+-]/.test(sign) || (sign === "." && k > 0) ? sign : escaped(sign)))
    .join("");
  if (name.length <= MOST) return name;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${name.slice(0, MOST - 17)}-${hash}`;
}

const escaped = (sign: string): string =>
  [...Buffer.from(sign)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

/** The text that `ownFileName` made a name of; the name itself where it is none of these, or was too long. */
export function textOfFileName(name: string): string {
  if (!name.includes("%")) return name;
  try {
    const text = decodeURIComponent(name);
    return ownFileName(text) === name ? text : name;
  } catch {
    return name;
  }
}
