/** A FITS table as a catalogue. */

import { ArcletError } from "../foundation/errors.ts";
import type { FrameWords } from "../sky/celestial-frame.ts";
import type { Header } from "../sky/fits-header.ts";
import { readFitsTable } from "../sky/fits-table.ts";
import { type Catalog, distinct, wholeValues } from "./catalog.ts";
import { hasPositions } from "./roles.ts";
import { Table, type Value } from "./table.ts";

/** Reads the requested table, or the first with positions, or the first. @throws ArcletError naming the file */
export function readFitsCatalog(path: string, hdu?: string | number): Catalog {
  const { columns, unread, rows, tables, hdu: hduNumber, header } = readFitsTable(path, hdu, hasPositions);
  if (columns.length === 0)
    throw new ArcletError({ where: path, code: "empty", problem: "has no column that a table can hold" });
  const notes: string[] = [];
  if (unread.length > 0)
    notes.push(`${path}: columns of arrays or complex numbers are left out: ${unread.join(", ")}`);
  if (tables > 1 && hdu === undefined)
    notes.push(`${path}: holds ${tables} tables, of which HDU ${hduNumber} is read`);
  const names = distinct(columns.map(({ name }) => name));
  const values = columns.map(({ kind, values }, c): [string, readonly Value[]] => [
    names[c]!,
    kind === "whole" ? wholeValues(values as (bigint | null)[]) : values,
  ]);
  const types = new Map(columns.map(({ kind }, c) => [names[c]!, kind] as const));
  const singles = new Set(columns.flatMap(({ single }, c) => (single ? [names[c]!] : [])));
  const units = new Map(columns.flatMap(({ unit }, c) => (unit === "" ? [] : [[names[c]!, unit] as const])));
  return {
    table: new Table(path, rows, new Map(values), types, singles),
    format: "fits",
    units,
    ucds: new Map(),
    frames: frameIn(header),
    notes,
  };
}

/** RADESYS and EQUINOX hold for the columns of a table too (Calabretta & Greisen 2002, section 5). */
function frameIn(header: Header): Map<string, FrameWords> {
  const frame = header.string("RADESYS") ?? header.string("RADECSYS") ?? "";
  const equinox = header.number("EQUINOX") ?? Number.NaN;
  if (frame.trim() === "" && Number.isNaN(equinox)) return new Map();
  const mjd = header.number("MJD-OBS") ?? Number.NaN;
  return new Map([["", { longitude: "RA", frame, equinox, mjd }]]);
}
