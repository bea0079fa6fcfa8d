/**
 * SExtractor's catalogues of type ASCII_HEAD (SExtractor's manual, "Catalog formats"): a comment line for each column with the
 * number of its first cell, its name, its meaning and its unit, then rows separated by blanks.
 */
import { ArcletError } from "../../foundation/errors.ts";
import { columnNames } from "./records.ts";
import type { TextForm } from "./text-form.ts";

const COLUMN = /^#\s*(\d+)\s+(\S+)(?:\s+(.*?))?(?:\s*\[([^\]]*)\])?\s*$/;

/** @returns null when it is none. @throws ArcletError when its columns' numbers don't ascend */
export function sextractorForm(path: string, lines: readonly string[]): Omit<TextForm, "encoding"> | null {
  const end = lines.findIndex((line) => !line.startsWith("#") && line.trim() !== "");
  const head = (end < 0 ? lines : lines.slice(0, end)).flatMap((line) => {
    const [, number, name, , unit] = COLUMN.exec(line) ?? [];
    return number === undefined ? [] : [{ number: Number(number), name: name!, unit: unit?.trim() ?? "" }];
  });
  if (head[0]?.number !== 1) return null;
  const cells = end < 0 ? head.at(-1)!.number : lines[end]!.trim().split(/\s+/).length;
  const names: string[] = [];
  const units = new Map<string, string>();
  for (const [k, { number, name, unit }] of head.entries()) {
    const next = head[k + 1]?.number ?? cells + 1;
    if (next <= number)
      throw new ArcletError({
        where: path,
        code: "broken",
        problem:
          k + 1 === head.length
            ? `its comments name ${number} columns, its first row has ${cells}`
            : `column ${next} comes after column ${number}`,
      });
    // A column of several cells, e.g. FLUX_APER, is named once.
    for (let i = number; i < next; i++) {
      const own = i === number ? name : `${name}_${i - number + 1}`;
      names.push(own);
      if (unit !== "") units.set(own, unit);
    }
  }
  return {
    delimiter: " ",
    names: columnNames(names),
    units,
    texts: [],
    firstRow: (end < 0 ? lines.length : end) + 1,
    comments: true,
    decimalComma: false,
    plain: false,
    said: [`${path}: is a catalogue of SExtractor's (ASCII_HEAD)`],
  };
}
