/** Values that stand for no position in catalogues: they set their rows aside, not the catalogue. */
import { refuse } from "../foundation/errors.ts";
import type { Table } from "./table.ts";

/** Degrees that can be longitudes, and latitudes. */
const LIMITS = [
  [-180, 360],
  [-90, 90],
] as const;

/** Whether a number beyond the sphere is one that tools write for nothing: nines (99, -999.0, 99.99), or huge. */
const standsForNone = (value: number): boolean =>
  /^99+(\.9+)?$/.test(String(Math.abs(value))) || Math.abs(value) >= 1e4;

/** Longitudes that may be meant, but hardly where no other is negative. */
const NEGATIVE = new Set([-99, -99.9, -99.99]);
/** The same where both coordinates are it. */
const BOTH = new Set([-1, -9, -90]);

/**
 * Makes both coordinates NaN where they stand for no position: -99, 999, 1e30 and the like beyond the sphere, both 0, or a
 * longitude of -99 in a table whose longitudes are else positive.
 *
 * @param ra, dec names and degrees, changed in place
 * @returns why, by row; rows that were NaN before are not among them
 * @throws ArcletError for any other angle beyond the sphere, naming its row, or when most rows would have no position:
 *   another unit, or no angles at all
 */
export function withoutSentinels(
  table: Table,
  [raName, ra]: readonly [string, Float64Array],
  [decName, dec]: readonly [string, Float64Array],
): Map<number, string> {
  const flaws = new Map<number, string>();
  const names = [raName, decName];
  const stands = (a: number, d: number) => NEGATIVE.has(a) || (BOTH.has(a) && a === d);
  const positive = ra.every(
    (a, row) => !(a < 0) || a < -180 || stands(a, dec[row]!) || Math.abs(dec[row]!) > 90,
  );
  let [known, beyond] = [0, 0];
  for (let row = 0; row < table.count; row++) {
    const pair = [ra[row]!, dec[row]!] as const;
    if (Number.isNaN(pair[0] + pair[1])) continue;
    known++;
    const off = pair.findIndex((value, k) => value < LIMITS[k]![0] || value > LIMITS[k]![1]);
    if (off >= 0) {
      if (!pair.some(standsForNone)) refuseAngle(table, row, names[off]!, off, pair[off]!);
      beyond++;
      flaws.set(row, `${names[off]} is ${pair[off]}, beyond the sphere`);
    } else if (pair[0] === 0 && pair[1] === 0) flaws.set(row, `${raName} and ${decName} are both 0`);
    else if (positive && stands(...pair)) flaws.set(row, `${raName} is ${pair[0]}, which stands for none`);
  }
  if (beyond > known / 2) {
    const [row] = [...flaws.keys()];
    const off = ra[row!]! < LIMITS[0][0] || ra[row!]! > LIMITS[0][1] ? 0 : 1;
    refuseAngle(table, row!, names[off]!, off, [ra, dec][off]![row!]!);
  }
  for (const row of flaws.keys()) ra[row] = dec[row] = Number.NaN;
  return flaws;
}

function refuseAngle(table: Table, row: number, name: string, which: number, value: number): never {
  const [low, high] = LIMITS[which]!;
  return refuse({ where: table.path, row: row + 1 }, name, `an angle from ${low} to ${high} degrees`, value);
}
