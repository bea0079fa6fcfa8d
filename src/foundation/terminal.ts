/**
 * What reaches the terminal. Ids, keys and names of files come from files that others made: a control character in them could
 * move the cursor, set the window's title or hide what is written, one that turns the direction of text could show another
 * name. They are shown escaped, wherever they are printed from.
 */
import { withoutSecrets } from "./secrets.ts";

/** A text that is safe to print: control characters, those without a glyph and halves of others as `\x1b`, `\u202e`. */
export const printable = (text: string): string =>
  text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escaped);

export const escaped = (sign: string): string => {
  const code = sign.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
};

/** What a progress bar writes to move the cursor: nothing but that. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are control sequences
const CURSOR = /^(?:\x1b(?:\[\??[\d;]*[A-Za-z]|[78]))+$/;
const guarded = new WeakSet<NodeJS.WriteStream>();

/** From now on all that is written to standard output and standard error is printable and without passwords. */
export function guardTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (guarded.has(stream)) continue;
    guarded.add(stream);
    const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
    stream.write = ((chunk: unknown, ...rest: unknown[]) =>
      write(
        typeof chunk === "string" && !CURSOR.test(chunk) ? printable(withoutSecrets(chunk)) : chunk,
        ...rest,
      )) as typeof stream.write;
  }
}
