/**
 * The rows of a VOTable's BINARY and BINARY2 streams (VOTable 1.4, sections 6.2 and 6.3): big-endian cells end to end, with
 * the number of elements before those of variable length; in BINARY2, before each row, one bit per column, set for null.
 */
import type { ErrorData } from "../foundation/errors.ts";
import { type Cell, ELEMENT_BYTES, type Field, orNull, textCell, typeOfField } from "./votable-fields.ts";

/**
 * @param take called with each row's cells, one per field; null for fields that a table can't hold
 * @returns what is wrong; undefined if nothing is
 */
export function binaryRows(
  bytes: Buffer,
  fields: readonly Field[],
  flagged: boolean,
  take: (cells: Cell[]) => void,
): Omit<ErrorData, "where"> | undefined {
  const flagBytes = flagged ? Math.ceil(fields.length / 8) : 0;
  let at = 0;
  let rows = 0;
  const left = () => bytes.length - at;
  const cut = (problem: string) => ({ row: rows, code: "truncated", problem }) as const;
  while (left() > 0) {
    const start = at;
    rows++;
    if (left() < flagBytes) return cut("the stream is cut short");
    const flags = bytes.subarray(at, at + flagBytes);
    at += flagBytes;
    const cells: Cell[] = [];
    for (const [f, field] of fields.entries()) {
      let elements = field.size;
      if (field.variable) {
        if (left() < 4) return cut("the stream is cut short");
        elements = bytes.readUInt32BE(at);
        at += 4;
      }
      const size =
        field.datatype === "bit" ? Math.ceil(elements / 8) : elements * ELEMENT_BYTES[field.datatype]!;
      if (size > left()) return cut(`${field.name} takes ${size} bytes, of which the stream has ${left()}`);
      const isNull = flagged && (flags[f >> 3]! & (0x80 >> (f & 7))) !== 0;
      cells.push(isNull ? null : cellOf(bytes, at, size, field));
      at += size;
    }
    if (at === start) return { code: "empty", problem: "its rows are empty" };
    take(cells);
  }
  return undefined;
}

function cellOf(bytes: Buffer, at: number, size: number, field: Field): Cell {
  const type = typeOfField(field);
  if (type === undefined) return null;
  if (type === "text") return textOf(bytes.subarray(at, at + size), field);
  if (field.datatype === "boolean") return truthOf(String.fromCharCode(bytes[at]!));
  // In the standard a single bit is the byte's first; astropy writes another.
  if (field.datatype === "bit") return bytes[at] !== 0;
  if (field.datatype === "float") return orNull(field, finite(bytes.readFloatBE(at)));
  if (field.datatype === "double") return orNull(field, finite(bytes.readDoubleBE(at)));
  const whole = field.datatype === "long" ? bytes.readBigInt64BE(at) : BigInt(wholeOf(bytes, at, field));
  return orNull(field, whole);
}

function wholeOf(bytes: Buffer, at: number, { datatype }: Field): number {
  if (datatype === "unsignedByte") return bytes[at]!;
  return datatype === "short" ? bytes.readInt16BE(at) : bytes.readInt32BE(at);
}

/** NaN stands for null in floating-point columns, and so does what is infinite. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
const truthOf = (sign: string): boolean | null =>
  /[tT1]/.test(sign) ? true : /[fF0]/.test(sign) ? false : null;

/** A text shorter than its field ends with a NUL. */
function textOf(bytes: Buffer, field: Field): string | null {
  const text =
    field.datatype === "char" ? bytes.toString("utf8") : Buffer.from(bytes).swap16().toString("utf16le");
  const end = text.indexOf("\0");
  return textCell(field, end < 0 ? text : text.slice(0, end));
}
