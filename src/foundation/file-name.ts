/** Texts that users chose, as parts of file names. */
import { createHash } from "node:crypto";

/**
 * A text as part of a file name: runs of anything but letters, digits, `_`, `.` and `-` become one `-`. Different texts
 * may become the same.
 */
export const inFileName = (text: string): string => text.replace(/[^\w.-]+/g, "-");

/** Leaves room for a prefix and an extension: file systems allow 255 bytes. */
const MOST = 150;

/**
 * A text as part of a file name that no other text has: anything but letters, digits and `+-._`, and a dot at the
 * beginning, becomes `%` and its UTF-8 bytes in hex; a name of more than 150 characters ends in a hash instead.
 */
export function ownFileName(text: string): string {
  const name = [...text]
    .map((character, k) =>
      /[\w+-]/.test(character) || (character === "." && k > 0) ? character : escaped(character),
    )
    .join("");
  if (name.length <= MOST) return name;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${name.slice(0, MOST - 17)}-${hash}`;
}

const escaped = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

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
