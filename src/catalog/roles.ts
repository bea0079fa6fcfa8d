/** Which columns of a catalogue are what: as the user says, else by the names and descriptors in common use. */
import { unknown } from "../foundation/errors/unknown.ts";
import type { Catalog } from "./catalog.ts";

/** Names in common use, the surest first, in lower case. */
const words = (text: string) => text.trim().split(/\s+/);
const ID =
  words(`id objid obj_id object_id objectid source_id sourceid designation name object iauname main_id number
  ls_id coadd_object_id recno`);
const RA =
  words(`ra ra_deg radeg raj2000 _raj2000 ra_j2000 ra_icrs _ra_icrs alpha_j2000 alphawin_j2000 alpha_sky _ra
  ramean rastack ra_mean right_ascension`);
const DEC =
  words(`dec dec_deg decdeg dedeg dej2000 _dej2000 decj2000 dec_j2000 de_icrs _de_icrs dec_icrs delta_j2000
  deltawin_j2000 delta_sky _de _dec decmean decstack dec_mean declination`);

const plain = (name: string) => name.replace(/^#\s*/, "").trim().toLowerCase();
const byName = (names: readonly string[], known: readonly string[]) =>
  known.flatMap((one) => names.find((name) => plain(name) === one) ?? [])[0];

/** The column that names the objects; undefined where no name is in common use. */
export const idColumn = (names: readonly string[]): string | undefined => byName(names, ID);

export interface AskedRoles {
  /** Null: guessed. */
  id?: string | null;
  ra?: string | null;
  dec?: string | null;
}

export interface Roles {
  id: string | undefined;
  ra: string | undefined;
  dec: string | undefined;
  /** What was guessed, in a sentence; empty when nothing was. */
  said: string;
}

/**
 * The columns of id, right ascension and declination; undefined where one is neither given nor to be guessed.
 *
 * @throws ArcletError when a column that was asked for is not there
 */
export function rolesOf({ table, ucds }: Catalog, asked: AskedRoles = {}): Roles {
  const byUcd = (ucd: string) =>
    table.names.find((name) => ucds.get(name)?.toLowerCase() === `${ucd};meta.main`);
  const guessed: string[] = [];
  const role = (what: keyof AskedRoles, known: readonly string[], ucd: string) => {
    const name = asked[what];
    if (name != null) {
      if (table.has(name)) return name;
      throw unknown(table.path, what, name, table.names);
    }
    const found = byUcd(ucd) ?? byName(table.names, known);
    // A column that is called what it is needs no telling.
    if (found !== undefined && found !== what) guessed.push(`${what} is ${found}`);
    return found;
  };
  const roles = {
    id: role("id", ID, "meta.id"),
    ra: role("ra", RA, "pos.eq.ra"),
    dec: role("dec", DEC, "pos.eq.dec"),
  };
  return {
    ...roles,
    said: guessed.length === 0 ? "" : `${table.path}: taken by their names: ${guessed.join(", ")}`,
  };
}
