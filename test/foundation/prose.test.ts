/** Nothing in src reads the text of an error: what it means follows from its code. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../../src");

/** The one file that shortens other libraries' texts. */
const ALLOWED = join("foundation", "errors", "foreign-text.ts");

/** The text of an error. */
const TEXT = String.raw`\.(?:message|reason|flaw)\b`;
const READERS = [
  // error.message.startsWith(...), error.message?.split(...), (error as Error).message.replace(...)
  new RegExp(
    `${TEXT}\\)*\\s*(?:\\?\\.|\\.)\\s*(?:match|matchAll|replace|replaceAll|startsWith|endsWith|includes|indexOf|search|split|slice|substring)\\b`,
  ),
  // /.../.test(error.message), text.exec(String(error.message))
  new RegExp(`\\.(?:test|exec|match|matchAll)\\((?:String\\()?[^()]*${TEXT}`),
  // error.message === "..."
  new RegExp(`${TEXT}\\)*\\s*[!=]==?\\s*["'\`](?!["'\`])`),
  // const text = error.message: a text kept under another name could be read unnoticed
  /\b(?:const|let)\s+(?:\w+|\{[^}]*\bmessage\b[^}]*\})\s*=\s*\(?(?:error|err|e|cause|wrong)\b(?:\s+as\s+\w+\))?(?:\??\.message)?\s*;/,
];

const isReader = (text: string): boolean => READERS.some((reader) => reader.test(text));

test.each([
  'if (error.message.startsWith(path)) return "x";',
  'const lines = (error as Error).message.split("\\n");',
  "(error as Error).message.replace(/^answer: /, '')",
  "if (/truncated/.test(error.message)) retry();",
  "/in (H5)/.exec(String(error.message))",
  "const lines = [...String((error as Error).message).matchAll(/H5/g)];",
  'if (error.message === "no such file") return null;',
  "const { message } = error;",
  "const text = (error as Error).message;",
  "error.reason.includes('cut short')",
])("%s reads it", (text) => {
  expect(isReader(text)).toBe(true);
});

test.each([
  "throw new ArcletError({ where, code, problem: reasonOf(error) });",
  "console.error(error.message);",
  'rows.filter(({ reason }) => reason !== "")',
  'if (error.code === "absent") return null;',
  'return reason === "" ? [] : [reason];',
  'if (known.reason !== "") say(known.reason);',
])("%s does not", (text) => {
  expect(isReader(text)).toBe(false);
});

test("no file of src reads an error's text", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  expect(files).toContain(ALLOWED);
  const readers = files
    .filter((file) => file !== ALLOWED)
    .flatMap((file) =>
      readFileSync(join(SRC, file), "utf8")
        .split(/;\s*\n/)
        .filter((statement) => isReader(`${statement};`))
        .map((statement) => `${file}: ${statement.trim().slice(-200)}`),
    );
  expect(readers).toEqual([]);
});
