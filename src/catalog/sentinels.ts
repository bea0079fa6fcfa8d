/** Values that stand for no position in catalogues: they set their rows aside, not the catalogue. */
import { refuse } from "../foundation/errors.ts";
import type { Table } from "./table.ts";

/** Negative numbers that tools write for nothing. A longitude may be negative, but not like this and no other. */
const NEGATIVE = new Set([-99, -99.9, -99.99]);
/** The same where both coordinates are it. */
const BOTH = new Set([-1, -9, -90]);

/**
 * Makes both coordinates NaN where they stand for no position: beyond the sphere (-99, 999, 1e30), both 0, or a longitude
 * of -99 and the like in a table whose longitudes are else positive.
 *
 * @param ra, dec names and degrees, changed in place
 * @returns why, by row; rows that were NaN before are not among them
 * @throws ArcletError when most values are beyond the sphere: another unit, or no angles at all
 */
export function withoutSentinels(
  table: Table,
  [raName, ra]: readonly [string, Float64Array],
  [decName, dec]: readonly [string, Float64Array],
): Map<number, string> {
  const flaws = new Map<number, string>();
  const outside = (value: number, low: number, high: number) => value < low || value > high;
  const stands = (a: number, d: number) => NEGATIVE.has(a) || (BOTH.has(a) && a === d);
  const positive = ra.every((a, row) => !(a < 0) || stands(a, dec[row]!) || outside(dec[row]!, -90, 90));
  let [known, beyond] = [0, 0];
  for (let row = 0; row < table.count; row++) {
    const [a, d] = [ra[row]!, dec[row]!];
    if (Number.isNaN(a + d)) continue;
    known++;
    const off = outside(a, -180, 360) ? raName : outside(d, -90, 90) ? decName : null;
    if (off !== null) beyond++;
    const why =
      off !== null
        ? `${off} is ${off === raName ? a : d}, beyond the sphere`
        : a === 0 && d === 0
          ? `${raName} and ${decName} are both 0`
          : positive && stands(a, d)
            ? `${raName} is ${a}, which stands for none`
            : null;
    if (why !== null) flaws.set(row, why);
  }
  if (beyond > known / 2) refuseAll(table, [raName, ra], [decName, dec]);
  for (const row of flaws.keys()) ra[row] = dec[row] = Number.NaN;
  return flaws;
}

function refuseAll(table: Table, ...columns: readonly (readonly [string, Float64Array])[]): void {
  const limits = [
    [-180, 360],
    [-90, 90],
  ] as const;
  for (const [k, [name, values]] of columns.entries()) {
    const [low, high] = limits[k]!;
    const bad = values.findIndex((value) => value < low || value > high);
    if (bad >= 0)
      refuse(
        { where: table.path, row: bad + 1 },
        name,
        `an angle from ${low} to ${high} degrees`,
        values[bad],
      );
  }
}
