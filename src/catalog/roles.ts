/** The roles of a catalogue's columns: as the user says, else guessed from common names and descriptors. */
import { unknown } from "../foundation/errors/unknown.ts";
import type { Catalog } from "./catalog.ts";
import { otherPair } from "./frames.ts";

/** Common names in lower case, the most reliable first. */
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
  known.flatMap((candidate) => names.find((name) => plain(name) === candidate) ?? [])[0];

/** The column of ids; undefined if no name is a common one. */
export const idColumn = (names: readonly string[]): string | undefined => byName(names, ID);

/** The columns of right ascension and declination, those that have a common name. */
export const positionColumns = (names: readonly string[]): string[] =>
  [byName(names, RA), byName(names, DEC)].filter((name) => name !== undefined);

/** Whether columns of these names may hold positions. */
export const hasPositions = (names: readonly string[]): boolean =>
  (byName(names, RA) !== undefined && byName(names, DEC) !== undefined) ||
  otherPair({ table: { names } }) !== undefined;

export interface RequestedRoles {
  /** Null to guess it. */
  id?: string | null;
  ra?: string | null;
  dec?: string | null;
}

export interface Roles {
  id: string | undefined;
  ra: string | undefined;
  dec: string | undefined;
  /** A sentence on which columns were guessed; empty if none was. */
  note: string;
}

/**
 * The columns of id, right ascension and declination; undefined for one that is neither given nor can be guessed.
 *
 * @throws ArcletError when a requested column does not exist
 */
export function rolesOf(catalog: Catalog, requested: RequestedRoles = {}): Roles {
  const { table, ucds } = catalog;
  const byUcd = (ucd: string) =>
    table.names.find((name) => ucds.get(name)?.toLowerCase() === `${ucd};meta.main`);
  const guessed: string[] = [];
  const given = requested.ra ?? requested.dec ?? null;
  const usual = byUcd("pos.eq.ra") ?? byUcd("pos.eq.dec") ?? byName(table.names, [...RA, ...DEC]);
  // A table may have positions in another frame alone.
  const pair = given === null && usual === undefined ? otherPair(catalog) : undefined;
  const role = (what: keyof RequestedRoles, known: readonly string[], ucd: string) => {
    const name = requested[what];
    if (name != null) {
      if (table.has(name)) return name;
      throw unknown(table.path, what, name, table.names);
    }
    const guess = byUcd(ucd) ?? byName(table.names, known) ?? (what === "id" ? undefined : pair?.[what]);
    // A column named after its role needs no mention.
    if (guess !== undefined && guess !== what) guessed.push(`${what} is ${guess}`);
    return guess;
  };
  const roles = {
    id: role("id", ID, "meta.id"),
    ra: role("ra", RA, "pos.eq.ra"),
    dec: role("dec", DEC, "pos.eq.dec"),
  };
  return {
    ...roles,
    note: guessed.length === 0 ? "" : `${table.path}: columns guessed: ${guessed.join(", ")}`,
  };
}
