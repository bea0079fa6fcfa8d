/** A VOTable's columns (IVOA Recommendation VOTable 1.4, sections 2.1, 4.1 and 6): their types, sizes and null values. */
import { fits } from "./duck-rows.ts";
import type { ColumnType, Value } from "./table.ts";

export interface Field {
  name: string;
  /** `char`, `int`, `double`, … as the file states it. */
  datatype: string;
  /** Elements per cell (characters, for texts); an upper limit if `variable`. */
  size: number;
  variable: boolean;
  /** Whether a cell holds several values, which a table can't hold. */
  array: boolean;
  unit: string;
  ucd: string;
  /** The text that stands for null, from VALUES. */
  nullText: string | null;
}

/** Bytes of one element in the binary forms (section 6.1); bits are packed eight to a byte. */
export const ELEMENT_BYTES: Record<string, number> = {
  boolean: 1,
  bit: 1,
  unsignedByte: 1,
  short: 2,
  int: 4,
  long: 8,
  char: 1,
  unicodeChar: 2,
  float: 4,
  double: 8,
  floatComplex: 8,
  doubleComplex: 16,
};
const TYPES: Record<string, ColumnType> = {
  boolean: "yes/no",
  bit: "yes/no",
  unsignedByte: "whole",
  short: "whole",
  int: "whole",
  long: "whole",
  char: "text",
  unicodeChar: "text",
  float: "number",
  double: "number",
};

/** The type of a column that a table can hold; undefined for arrays and complex numbers. */
export const typeOfField = ({ datatype, array }: Field): ColumnType | undefined =>
  array ? undefined : TYPES[datatype];

/** Largest number of elements in a cell: no file could hold more. */
const MOST = 2 ** 31;

/** @returns the field, or what is wrong with it */
export function fieldOf(attributes: Record<string, string>): Field | string {
  const { name = attributes.ID ?? "", datatype = "char", arraysize = "", unit = "", ucd = "" } = attributes;
  if (name === "") return "a FIELD has no name";
  if (!(datatype in ELEMENT_BYTES)) return `FIELD ${name}: datatype ${datatype} is not known`;
  const parts = /^(\d+x)*(\d*\*?)$/.exec(arraysize.replace(/\s/g, ""));
  if (parts === null) return `FIELD ${name}: arraysize ${arraysize} is not known`;
  const variable = arraysize.includes("*");
  const sides = arraysize.split("x").map((side) => Number.parseInt(side, 10));
  const size = sides.reduce((product, side) => product * (Number.isNaN(side) ? 1 : side), 1);
  if (size < 1 || size > MOST) return `FIELD ${name}: arraysize is ${arraysize}`;
  const text = datatype === "char" || datatype === "unicodeChar";
  const array = text ? arraysize.includes("x") : variable || size > 1;
  return { name, datatype, size, variable, array, unit, ucd, nullText: null };
}

/** Whole numbers are bigint, so that none loses digits; `wholeValues` converts a whole column. */
export type Cell = Value;

/** A cell of TABLEDATA; empty is null. @returns undefined if it is not a value of the field's type */
export function cellOfText(field: Field, text: string): Cell | undefined {
  const type = typeOfField(field);
  if (type === "text") return textCell(field, text);
  const word = text.trim();
  if (word === "" || word === field.nullText?.trim()) return null;
  const value = type === "yes/no" ? truthOf(word) : type === "whole" ? wholeOf(word) : numberOf(word);
  return value === undefined ? undefined : orNull(field, value);
}

/**
 * A text that has been read, in any of the forms: blank is null. A field of a fixed size is padded with blanks; those at the
 * end of one of variable size belong to it.
 */
export function textCell({ variable, size, nullText }: Field, text: string): string | null {
  const own = variable || size === 1 ? text : text.trimEnd();
  return own.trim() === "" || own.trim() === nullText?.trim() ? null : own;
}

/**
 * A value, or null where VALUES says that it stands for none: as a number, whatever digits either is written with, and of a
 * `float` as 32 bits hold it.
 */
export function orNull({ nullText, datatype }: Field, value: Cell): Cell {
  if (nullText === null || value === null) return value;
  if (typeof value === "bigint") {
    const nothing = wholeOf(nullText.trim()) ?? numberOf(nullText.trim());
    // biome-ignore lint/suspicious/noDoubleEquals: a whole number equals a fraction that is one
    return nothing !== undefined && nothing !== null && value == nothing ? null : value;
  }
  if (typeof value !== "number") return value;
  const nothing = numberOf(nullText.trim());
  if (typeof nothing !== "number") return value;
  const stored = (number: number) => (datatype === "float" ? Math.fround(number) : number);
  return stored(value) === stored(nothing) ? null : value;
}

function wholeOf(word: string): bigint | undefined {
  if (!/^([+-]?\d+|0x[0-9a-f]+)$/i.test(word)) return undefined;
  const whole = BigInt(word.replace(/^\+/, ""));
  return fits(whole) ? whole : undefined;
}

/** NaN and what is infinite stand for null. */
function numberOf(word: string): number | null | undefined {
  if (/^([+-]?inf(inity)?|nan)$/i.test(word)) return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : undefined;
}

/** In the standard `?` and a blank are the unknown yes/no. */
const truthOf = (word: string): boolean | null | undefined =>
  /^(t|true|1)$/i.test(word) ? true : /^(f|false|0)$/i.test(word) ? false : word === "?" ? null : undefined;
