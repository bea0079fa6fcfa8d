/** The objects of a catalogue: ids and sky positions. */
import { ArcletError, refuse } from "../foundation/errors.ts";
import { ICRS } from "../sky/celestial-frame.ts";
import { type AngleUnit, angleUnit, sexagesimal, toDegrees } from "./angles.ts";
import type { Catalog } from "./catalog.ts";
import { positionFrame } from "./frames.ts";
import { idText } from "./id-text.ts";
import { type RequestedRoles, type Roles, rolesOf } from "./roles.ts";
import { withoutSentinels } from "./sentinels.ts";
import type { Table, Value } from "./table.ts";

interface Positions {
  /** Degrees, ICRS, 0 to 360; NaN if there is none. */
  ra: Float64Array;
  /** Degrees, ICRS. */
  dec: Float64Array;
  /** Whether they were turned to ICRS from another frame. */
  converted: boolean;
  /** Why a row has no position, by row; rows whose cells are empty are not among them. */
  flaws: ReadonlyMap<number, string>;
  /** Sentences for the user, such as which columns were guessed. */
  notes: readonly string[];
}

/** The objects of a catalogue: ids, and positions in degrees (ICRS). */
export interface CatalogObjects extends Positions {
  /** Every object's id (N). */
  ids: readonly string[];
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
  const positions = positionsOf(catalog, roles);
  return {
    ...positions,
    ids: idsOf(catalog, roles.id!),
    notes: [roles.note, ...positions.notes].filter((note) => note !== ""),
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
    const id = idText(value, { where: table.path, row: row + 1 }, column, table.isSingle(column));
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
 * Positions in degrees, turned to ICRS where the columns' names or the file state another frame. Numbers are in the
 * column's unit, by default degrees; texts are sexagesimal (right ascension in hours) or numbers. Rows whose values stand
 * for no position (-99, 999, 0 and 0, beyond the sphere) have none.
 *
 * @throws ArcletError for missing columns, an unknown frame, a unit that is not an angle's, a text that is not a position,
 *   naming its row, or when most values are no positions
 */
export function positionsOf(catalog: Catalog, roles: Pick<Roles, "ra" | "dec">): Positions {
  const { table } = catalog;
  if (roles.ra === undefined || roles.dec === undefined)
    noColumn(table, "right ascension and declination", "name them with --ra-column and --dec-column");
  const frame = positionFrame(catalog, roles.ra!, roles.dec!);
  const ra = angles(catalog, roles.ra!, frame.isEquatorial);
  const dec = angles(catalog, roles.dec!, false);
  const flaws = withoutSentinels(table, [roles.ra!, ra.degrees], [roles.dec!, dec.degrees]);
  const notes = [ra.note, dec.note].filter((note) => note !== "");
  if (frame !== ICRS && !frame.isIcrs)
    notes.push(`${roles.ra}, ${roles.dec} are ${frame.name}, turned to ICRS`);
  if (flaws.size > 0) {
    const [row, why] = flaws.entries().next().value!;
    const others = flaws.size === 1 ? "" : ` and ${flaws.size - 1} others`;
    notes.push(`row ${row + 1}${others} of ${table.count} have no position: ${why}`);
  }
  const sky = new Float64Array(2 * table.count);
  for (let row = 0; row < table.count; row++) {
    sky[2 * row] = ra.degrees[row]!;
    sky[2 * row + 1] = dec.degrees[row]!;
  }
  const icrs = frame.toIcrs(sky);
  const column = (k: number) => Float64Array.from({ length: table.count }, (_, row) => icrs[2 * row + k]!);
  return {
    ra: column(0).map((value) => ((value % 360) + 360) % 360),
    dec: column(1),
    converted: !frame.isIcrs,
    flaws,
    notes,
  };
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
    if (typeof value === "string" && /\d[^\d.]+\d/.test(value) && !NUMBER.test(value.trim())) texts++;
    return angle;
  });
  const sexagesimals = table.typeOf(column) === "text" && texts > 0;
  if (sexagesimals) return { degrees, note: `${column} is sexagesimal${hours ? " (hours)" : ""}` };
  return { degrees, note: unit === "deg" ? "" : `${column} is in ${unit === "hour" ? "hours" : "radians"}` };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([ed][+-]?\d+)?$/i;
/** Words for no value. */
const NOTHING = /^(|-+|\.+|n\/?a|none|null|nan|\\N|[+-]?inf(inity)?|<NA>|masked|\?)$/i;

function angleOf(value: Value, unit: AngleUnit, hours: boolean): number | null {
  if (value === null) return Number.NaN;
  if (typeof value === "number" || typeof value === "bigint")
    return Number.isFinite(Number(value)) ? toDegrees(Number(value), unit) : Number.NaN;
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (NOTHING.test(text)) return Number.NaN;
  if (NUMBER.test(text)) return toDegrees(Number(text.replace(/d/i, "e")), unit);
  return sexagesimal(text, hours);
}
