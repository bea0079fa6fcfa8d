/** The objects of a catalogue: ids and sky positions. */
import { ArcletError, refuse } from "../foundation/errors.ts";
import { type AngleUnit, angleUnit, sexagesimal, toDegrees } from "./angles.ts";
import type { Catalog } from "./catalog.ts";
import { idText } from "./id-text.ts";
import { type RequestedRoles, type Roles, rolesOf } from "./roles.ts";
import type { Table, Value } from "./table.ts";

export interface CatalogObjects {
  ids: readonly string[];
  /** Degrees, 0 to 360; NaN where empty. */
  ra: Float64Array;
  /** Degrees. */
  dec: Float64Array;
  /** Sentences for the user, such as which columns were guessed. */
  notes: readonly string[];
}

/**
 * Ids and positions of a catalogue's rows, in order.
 *
 * @throws ArcletError when a column is missing, an id is empty or occurs twice, or a position can't be read
 */
export function objectsOf(catalog: Catalog, requested: RequestedRoles = {}): CatalogObjects {
  const roles = rolesOf(catalog, requested);
  const { table } = catalog;
  if (roles.id === undefined) noColumn(table, "ids", "name it with --id-column");
  const { ra, dec, notes } = positionsOf(catalog, roles);
  return {
    ids: idsOf(catalog, roles.id!),
    ra,
    dec,
    notes: [roles.note, ...notes].filter((note) => note !== ""),
  };
}

function noColumn({ path, names }: Table, content: string, fix: string): never {
  const problem = `has no column of ${content}; its columns are ${names.join(", ")}`;
  throw new ArcletError({ where: path, code: "argument", problem, fix });
}

/** Every row's id as text. @throws ArcletError when one is empty or occurs twice */
export function idsOf({ table }: Catalog, column: string): string[] {
  const first = new Map<string, number>();
  return table.column(column).map((value, row) => {
    const id = idText(value, { where: table.path, row: row + 1 }, column);
    if (id === "") refuse({ where: table.path, row: row + 1 }, column, "given", value);
    const before = first.get(id);
    if (before !== undefined)
      throw new ArcletError({
        where: table.path,
        row: row + 1,
        code: "conflict",
        problem: `id ${id} occurs twice (first in row ${before + 1})`,
      });
    first.set(id, row);
    return id;
  });
}

/**
 * Positions in degrees. Numbers are in the column's unit, by default degrees; texts are sexagesimal (right ascension in
 * hours) or numbers.
 *
 * @throws ArcletError for missing columns, a unit that is not an angle's, or a value that is not a position, naming its row
 */
export function positionsOf(
  catalog: Catalog,
  roles: Pick<Roles, "ra" | "dec">,
): { ra: Float64Array; dec: Float64Array; notes: string[] } {
  const { table } = catalog;
  if (roles.ra === undefined || roles.dec === undefined)
    noColumn(table, "right ascension and declination", "name them with --ra-column and --dec-column");
  const ra = angles(catalog, roles.ra!, true);
  const dec = angles(catalog, roles.dec!, false);
  const check = (values: Float64Array, column: string, low: number, high: number) => {
    const bad = values.findIndex((value) => value < low || value > high);
    if (bad >= 0)
      refuse(
        { where: table.path, row: bad + 1 },
        column,
        `an angle from ${low} to ${high} degrees`,
        values[bad],
      );
  };
  check(ra.degrees, roles.ra!, -180, 360);
  check(dec.degrees, roles.dec!, -90, 90);
  const notes = [ra.note, dec.note].filter((note) => note !== "");
  return { ra: ra.degrees.map((value) => ((value % 360) + 360) % 360), dec: dec.degrees, notes };
}

function angles(catalog: Catalog, column: string, hours: boolean): { degrees: Float64Array; note: string } {
  const { table, units } = catalog;
  const stated = units.get(column)?.trim() ?? "";
  // VizieR's unit of sexagesimal columns is `"h:m:s"` or `"d:m:s"`: the texts themselves show it.
  const ownUnit = stated === "" || /[hd]\W*m\W*s/i.test(stated);
  const unit: AngleUnit | null = ownUnit ? "deg" : angleUnit(stated);
  if (unit === null) refuse(table.path, `the unit of ${column}`, "deg, rad or hourangle", stated);
  let texts = 0;
  const degrees = Float64Array.from(table.column(column), (value, row) => {
    const angle = angleOf(value, unit!, hours);
    if (angle === null)
      refuse(
        { where: table.path, row: row + 1 },
        column,
        `a number (${unit}), or like ${hours ? "12:34:56.7" : "-01:23:45.6"}`,
        value,
      );
    if (typeof value === "string" && /\D\d+\D/.test(value)) texts++;
    return angle;
  });
  const sexagesimals = table.typeOf(column) === "text" && texts > 0;
  if (sexagesimals) return { degrees, note: `${column} is sexagesimal${hours ? " (hours)" : ""}` };
  return { degrees, note: unit === "deg" ? "" : `${column} is in ${unit === "hour" ? "hours" : "radians"}` };
}

function angleOf(value: Value, unit: AngleUnit, hours: boolean): number | null {
  if (value === null) return Number.NaN;
  if (typeof value === "number" || typeof value === "bigint") return toDegrees(Number(value), unit);
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (text === "") return Number.NaN;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return toDegrees(Number(text), unit);
  return sexagesimal(text, hours);
}
