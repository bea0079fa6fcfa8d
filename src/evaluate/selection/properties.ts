/** What is known of injected lenses, along which completeness is counted and modelled. */
import type { Table } from "../../catalog/table.ts";
import type { Rows } from "../../dataset/dataset.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { refuse } from "../../foundation/errors.ts";

export interface Property {
  /** Its name in tables, e.g. `theta_e`. */
  readonly name: string;
  /** With its unit, for people. */
  readonly label: string;
  /** As the IVOA writes units; absent for pure numbers. */
  readonly unit?: string;
  /** Whether bins are even in the logarithm. */
  readonly log: boolean;
  /** What the fitted model takes. */
  readonly transform: "log" | "none";
}

export interface PropertyColumn extends Property {
  /** NaN where unknown (N). */
  readonly values: Float64Array;
}

/** Known properties; magnitudes have a band's name behind theirs where the table gives more than one. */
const KNOWN: readonly Property[] = [
  { name: "theta_e", label: "Einstein radius (arcsec)", unit: "arcsec", log: true, transform: "log" },
  { name: "arc_snr", label: "arc signal-to-noise", log: true, transform: "log" },
  { name: "source_mag", label: "source magnitude (AB)", unit: "mag", log: false, transform: "none" },
  { name: "lens_mag", label: "lens magnitude (AB)", unit: "mag", log: false, transform: "none" },
  { name: "z_lens", label: "lens redshift", log: false, transform: "none" },
  { name: "z_source", label: "source redshift", log: false, transform: "none" },
  { name: "magnification", label: "magnification", log: true, transform: "log" },
  {
    name: "offset",
    label: "offset from the middle (arcsec)",
    unit: "arcsec",
    log: false,
    transform: "none",
  },
];

/** The band whose magnitudes stand for all, if the table has it; else the last that it has. */
const BAND = "r";

/**
 * The properties that a table has, of some rows.
 *
 * @param asked names of columns of numbers in place of the known ones; null for these
 * @throws ArcletError for a name that the table does not have, or whose values are no numbers
 */
export function propertiesOf(table: Table, rows: Rows, asked: readonly string[] | null): PropertyColumn[] {
  const offsets = table.has("offset") || !table.has("scene") ? null : offsetsOf(table, rows);
  const has = (name: string) => table.has(name) || (name === "offset" && offsets !== null);
  const names = asked ?? KNOWN.flatMap(({ name }) => columnFor(table, name, has) ?? []);
  return names.flatMap((name) => {
    if (!has(name))
      throw unknown(table.path, "property", name, [
        ...numbersOf(table),
        ...(offsets === null ? [] : ["offset"]),
      ]);
    const values = name === "offset" && offsets !== null ? offsets : valuesOf(table, name, rows);
    if (values.some(Number.isFinite)) return [{ ...propertyOf(name), values }];
    return asked === null ? [] : refuse(table.path, name, "a number for some injection", "none");
  });
}

/** The column of a known property; of a magnitude that of one band. */
function columnFor(table: Table, name: string, has: (name: string) => boolean): string | undefined {
  if (has(name)) return name;
  const bands = table.names.filter((column) => column.startsWith(`${name}_`));
  return bands.find((column) => column === `${name}_${BAND}`) ?? bands.at(-1);
}

/** A known property by its column, or one of the user's. */
export function propertyOf(column: string): Property {
  const known = KNOWN.find(({ name }) => name === column);
  if (known !== undefined) return known;
  const magnitude = /^((?:source|lens)_mag)_(\w+)$/.exec(column);
  if (magnitude !== null) {
    const { label, ...rest } = KNOWN.find(({ name }) => name === magnitude[1])!;
    return { ...rest, name: column, label: label.replace("(AB)", `in ${magnitude[2]} (AB)`) };
  }
  return { name: column, label: column, log: false, transform: "none" };
}

const numbersOf = (table: Table): string[] =>
  table.names.filter((name) => ["number", "whole"].includes(table.typeOf(name)));

/** Numbers of a column, NaN where it is empty. @throws ArcletError for a column of anything else */
export function valuesOf(table: Table, name: string, rows: Rows): Float64Array {
  if (!["number", "whole"].includes(table.typeOf(name)))
    refuse(table.path, name, "a column of numbers", table.typeOf(name));
  const values = table.column(name);
  return Float64Array.from(rows, (row) => (values[row] === null ? Number.NaN : Number(values[row])));
}

/** How far the deflector is from the middle, by the scene; arcsec, NaN without a deflector. */
function offsetsOf(table: Table, rows: Rows): Float64Array | null {
  const scenes = table.column("scene");
  const offsets = Float64Array.from(rows, (row) => {
    const scene = scenes[row];
    if (typeof scene !== "string") return Number.NaN;
    const { mass } = JSON.parse(scene) as { mass?: { x: number; y: number } | null };
    return mass == null ? Number.NaN : Math.hypot(mass.x, mass.y);
  });
  return offsets.some(Number.isFinite) ? offsets : null;
}
