/** The celestial frame of a catalogue's positions: by the columns' names and descriptors, else as the file states it. */
import { ArcletError } from "../foundation/errors.ts";
import { type CelestialFrame, type FrameWords, frameOf } from "../sky/celestial-frame.ts";
import type { Catalog } from "./catalog.ts";

const NONE = Number.NaN;
const words = (longitude: string, frame = "", equinox = NONE): FrameWords => ({
  longitude,
  frame,
  equinox,
  mjd: NONE,
});

const plain = (name: string) => name.replace(/^#\s*/, "").trim().toLowerCase();

/** Names of columns that say their frame, longitude and latitude; the most common first. */
const NAMED: readonly (readonly [FrameWords, RegExp, RegExp])[] = [
  [
    words("RA", "FK4", 1950),
    /^_?(ra|alpha|alphawin)_?(deg_?)?(b?1950|fk4)$/,
    /^_?(de|dec|delta|deltawin)_?(deg_?)?(b?1950|fk4)$/,
  ],
  [
    words("GLON"),
    /^_?(glon|gal_?lon(gitude)?|galactic_?lon(gitude)?|gal(actic)?_l|l_gal|l_?deg|lii|l)$/,
    /^_?(glat|gal_?lat(itude)?|galactic_?lat(itude)?|gal(actic)?_b|b_gal|b_?deg|bii|b)$/,
  ],
  [
    words("ELON"),
    /^_?(elon|ecl_?lon(gitude)?|ecliptic_?lon(gitude)?)$/,
    /^_?(elat|ecl_?lat(itude)?|ecliptic_?lat(itude)?)$/,
  ],
  [words("SLON"), /^_?(sgl|sglon|slon|supergal_?lon)$/, /^_?(sgb|sglat|slat|supergal_?lat)$/],
];
const UCDS: Record<string, string> = {
  "pos.galactic": "GLON",
  "pos.ecliptic": "ELON",
  "pos.supergalactic": "SLON",
};

/** The frame that a column's name or descriptor says; undefined if neither does. */
function said({ ucds }: Catalog, column: string): FrameWords | undefined {
  const name = plain(column);
  const named = NAMED.find(([, lon, lat]) => lon.test(name) || lat.test(name));
  if (named !== undefined) return named[0];
  const ucd = ucds.get(column)?.toLowerCase() ?? "";
  const described = Object.entries(UCDS).find(([start]) => ucd.startsWith(`${start}.`));
  if (described !== undefined) return words(described[1]);
  return /j2000|icrs/.test(name) ? words("RA") : undefined;
}

/** A longitude and a latitude in one frame that is not ICRS, for tables without right ascension and declination. */
export function otherPair({
  table: { names },
}: {
  table: { names: readonly string[] };
}): { ra: string; dec: string } | undefined {
  for (const [, lon, lat] of NAMED) {
    const ra = names.find((name) => lon.test(plain(name)));
    const dec = names.find((name) => lat.test(plain(name)));
    if (ra !== undefined && dec !== undefined) return { ra, dec };
  }
  return undefined;
}

/**
 * The frame of the positions in two columns.
 *
 * @throws ArcletError when the two are of different frames, or the frame is not known
 */
export function positionFrame(catalog: Catalog, ra: string, dec: string): CelestialFrame {
  const where = catalog.table.path;
  const [lon, lat] = [said(catalog, ra), said(catalog, dec)];
  const stated = catalog.frames?.get(ra) ?? catalog.frames?.get("");
  const meant = lon ?? lat ?? stated ?? words("RA");
  const key = ({ longitude, frame, equinox }: FrameWords) => `${longitude} ${frame} ${equinox}`;
  // `l` beside `dec` is no galactic longitude, but nor is it a right ascension.
  const other = lat ?? stated ?? words("RA");
  if (lon !== undefined && lon.longitude !== "RA" && key(other) !== key(lon))
    throw new ArcletError({
      where,
      code: "argument",
      problem: `${ra} is a longitude of another frame than ${dec}`,
      fix: "name a longitude and a latitude of one frame",
    });
  if (lon === undefined && lat !== undefined && lat.longitude !== "RA")
    throw new ArcletError({
      where,
      code: "argument",
      problem: `${dec} is a latitude of another frame than ${ra}`,
      fix: "name a longitude and a latitude of one frame",
    });
  const frame = frameOf(meant);
  if (frame !== null) return frame;
  const equinox = Number.isFinite(meant.equinox) ? ` of equinox ${meant.equinox}` : "";
  throw new ArcletError({
    where,
    code: "unsupported",
    problem: `the positions ${ra}, ${dec} are in ${meant.frame || meant.longitude}${equinox}, which can't be turned to ICRS`,
    fix: "convert them first",
  });
}

/** What a VOTable's COOSYS says (VOTable 1.4, section 3.1; the IVOA's vocabulary refframe). */
export function frameOfCoosys({
  system = "ICRS",
  equinox = "",
  epoch = "",
}: Record<string, string>): FrameWords {
  const name = system.trim().toLowerCase().replace(/[-_ ]/g, "");
  const [longitude, frame] = SYSTEMS[name] ?? ["RA", system];
  const year = yearOf(epoch);
  const days = /^\s*b/i.test(epoch) ? 365.242198781 : 365.25;
  return {
    longitude,
    frame,
    equinox: yearOf(equinox),
    mjd: /^\s*b/i.test(epoch) ? 33281.92345905 + (year - 1950) * days : 51544.5 + (year - 2000) * days,
  };
}

const SYSTEMS: Record<string, readonly [longitude: string, frame: string]> = {
  icrs: ["RA", "ICRS"],
  eqfk5: ["RA", "FK5"],
  fk5: ["RA", "FK5"],
  eqfk4: ["RA", "FK4"],
  fk4: ["RA", "FK4"],
  galactic: ["GLON", ""],
  supergalactic: ["SLON", ""],
  eclfk5: ["ELON", "FK5"],
  eclfk4: ["ELON", "FK4"],
  ecliptic: ["ELON", ""],
};

const yearOf = (text: string): number =>
  text.trim() === "" ? NONE : Number(text.trim().replace(/^[bj]/i, ""));
