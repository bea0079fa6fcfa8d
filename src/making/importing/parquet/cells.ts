/** What rows have in the columns of images, copied out of DuckDB's memory. */
import type { DuckDBDataChunk, DuckDBListVector, DuckDBVector } from "@duckdb/node-api";
import type { ShardValues } from "../../../dataset/npy-writer.ts";
import type { ImageColumn } from "./columns.ts";

export interface Cell {
  /** Whether the column has nothing in this row. */
  isEmpty: boolean;
  /** A picture's bytes, or numbers; null if it is empty, and of lists that differ in length. */
  values: ShardValues | null;
  /** The path beside a picture's bytes. */
  path: string | null;
  /** Of numbers: the lists' lengths, outermost first. */
  sides: readonly number[];
}

/** A vector of numbers, with them as they are in memory. */
type Numbers = DuckDBVector & { readonly items: Uint8Array | Float32Array };

/** All rows of a chunk, each with a cell a column. @param columns as they were `selected` */
export function cellsIn(chunk: DuckDBDataChunk, columns: readonly ImageColumn[]): Cell[][] {
  const vectors = columns.map(
    (_, k) => [chunk.getColumnVector(2 * k), chunk.getColumnVector(2 * k + 1)] as const,
  );
  return Array.from({ length: chunk.rowCount }, (_, row) =>
    columns.map(({ kind, depth }, k) => {
      const [values, paths] = vectors[k]!;
      const path = paths.getItem(row) as string | null;
      return kind === "numbers"
        ? numbersAt(values as DuckDBListVector, row, depth)
        : { ...pictureAt(values, row), path };
    }),
  );
}

function pictureAt(vector: DuckDBVector, row: number): Omit<Cell, "path"> {
  const blob = vector.getItem(row) as { bytes: Uint8Array } | null;
  return { isEmpty: blob === null, values: blob && Uint8Array.from(blob.bytes), sides: [] };
}

/** Lists within lists, one after another; a number that is empty is NaN, and of bytes as if its list were shorter. */
function numbersAt(lists: DuckDBListVector, row: number, depth: number): Cell {
  const sides: number[] = [];
  const parts: Numbers[] = [];
  const even = (list: DuckDBListVector, index: number, level: number): boolean => {
    const items = list.getItemVector(index);
    if (items === null) return false;
    sides[level] ??= items.itemCount;
    if (sides[level] !== items.itemCount) return false;
    if (level === depth - 1) {
      parts.push(items as Numbers);
      return true;
    }
    for (let k = 0; k < items.itemCount; k++)
      if (!even(items as DuckDBListVector, k, level + 1)) return false;
    return true;
  };
  const whole = even(lists, row, 0);
  const isEmpty = !whole && sides.length === 0;
  return { isEmpty, values: whole ? joined(parts, sides) : null, path: null, sides };
}

function joined(parts: readonly Numbers[], sides: readonly number[]): ShardValues | null {
  const size = sides.reduce((product, side) => product * side, 1);
  if (size === 0) return null;
  const isBytes = parts[0]!.items instanceof Uint8Array;
  const values = isBytes ? new Uint8Array(size) : new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    values.set(part.items, at);
    for (let k = 0; k < part.itemCount; k++, at++) {
      if (part.getItem(k) !== null) continue;
      if (isBytes) return null;
      values[at] = Number.NaN;
    }
  }
  return values;
}
