/**
 * How images lie on the sky, as far as the dataset says so. `arclet cutouts` and, of FITS files, `arclet import` write it for each row,
 * from world coordinates. Of any other dataset it is not known: that north is up is a habit, and many cutouts don't keep it.
 */
import type { Dataset } from "../dataset/dataset.ts";
import { CUT_ANGLE, CUT_FRAME, CUT_MIRRORED } from "../making/cutting/columns.ts";
import type { Orientation } from "./look-contract.ts";

/**
 * Whether row 0 of an image is its bottom, as in FITS files: `arclet cutouts` and `arclet import` keep their rows, and write
 * these columns.
 */
export const isBottomFirst = ({ table }: Dataset): boolean => table.has(CUT_FRAME) || table.has(CUT_ANGLE);

/** Of a row of the table; null if unknown. */
export function orientationsOf({ table, info }: Dataset): (row: number) => Orientation | null {
  if (table.has(CUT_ANGLE) && table.has(CUT_MIRRORED)) {
    const [angles, mirrored] = [table.column(CUT_ANGLE), table.column(CUT_MIRRORED)];
    return (row) => {
      const angle = angles[row];
      return typeof angle === "number" ? { angle, mirrored: mirrored[row] === true } : null;
    };
  }
  // Before these columns were written, the settings said it of all cutouts, or nothing did.
  const config = info.provenance.config as { orientation?: unknown } | null | undefined;
  const north = table.has(CUT_FRAME) && config?.orientation === "north";
  return () => (north ? { angle: 0, mirrored: false } : null);
}
