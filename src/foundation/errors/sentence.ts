/** The one place that turns errors into sentences. */
import type { ErrorData, FieldPath, Location } from "./data.ts";
import { oneLine, show } from "./show.ts";

/**
 * An error as one line: `where line 3: field must be X, got Y`, `where: field is not known, did you mean Z?`,
 * `where: problem; the way out`.
 */
export const sentence = (error: ErrorData): string => oneLine(`${location(error)}: ${reason(error)}`);

/** The sentence without where it happened, for a report that gives it. */
export function reason(error: ErrorData): string {
  const { near, fix: out = "" } = error;
  if (near === undefined) return oneLine(`${statement(error)}${out && `; ${out}`}`);
  return oneLine(`${statement(error)}, did you mean ${near}?${out && ` (${out})`}`);
}

/** `table.csv row 12`, `survey.yaml line 3`, `cutout.fits HDU 2` */
const location = (error: Location): string => [error.where, ...inside(error)].join(" ");

/** Where in the file. */
const inside = ({ part, line, row, id }: Location): string[] => [
  ...(part === undefined ? [] : [part]),
  ...(line === undefined ? [] : [`line ${line}`]),
  ...(row === undefined ? [] : [`row ${row}`]),
  ...(id === undefined ? [] : [`(id ${id})`]),
];

/** The sentence without the file's name, for a report that gives it: `HDU 2: the header has no END`. */
export const flaw = (error: ErrorData): string =>
  oneLine([inside(error).join(" "), reason(error)].filter(Boolean).join(": "));

/** A field as it is written: `bands[1].seeing`. */
export const spelled = (field: string | FieldPath): string =>
  typeof field === "string"
    ? field
    : field.reduce<string>(
        (text, key) => text + (typeof key === "number" ? `[${key}]` : `${text && "."}${String(key)}`),
        "",
      );

function statement(error: ErrorData): string {
  const { code, must, problem } = error;
  const field = error.field === undefined ? "" : spelled(error.field);
  if (problem !== undefined) return field === "" ? problem : `${field} ${problem}`;
  const subject = field === "" ? "it" : field;
  if (code === "missing") return `${subject} is missing${must === undefined ? "" : `; it must be ${must}`}`;
  if (must === undefined) return code === "unknown" ? `${subject} is not known` : `${subject} is wrong`;
  return `${subject} must be ${must}${"got" in error ? `, got ${show(error.got)}` : ""}`;
}
