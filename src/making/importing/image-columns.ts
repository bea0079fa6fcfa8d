/**
 * Columns about each image besides the user's own: its zero point, how many pixels were filled, and how it lies on the sky,
 * as `arclet cutouts` writes it.
 */

import type { ColumnType, Table, Value } from "../../catalog/table.ts";
import { CUT_ANGLE, CUT_COLUMNS, CUT_MIRRORED } from "../cutting/columns.ts";
import type { ImportConfig } from "./config.ts";
import type { Cutout } from "./cutout.ts";
import type { Framed } from "./framing.ts";
import type { Peek } from "./peek.ts";

/** Name → type, without names that the user's table has. @param onSky whether files may say how images lie on the sky */
export function imageColumns(
  table: Table,
  config: ImportConfig,
  { zeroPoints }: Peek,
  onSky: boolean,
): Record<string, ColumnType> {
  const columns: Record<string, ColumnType> = {};
  if (zeroPoints !== "none") columns.zero_point = "number";
  if (zeroPoints === "by band") for (const band of config.bands) columns[`zero_point_${band}`] = "number";
  if (config.maxNan > 0) columns.filled_pixels = "whole";
  if (onSky) for (const name of [CUT_ANGLE, CUT_MIRRORED]) columns[name] = CUT_COLUMNS[name]!;
  const taken = new Set(table.names.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(columns).filter(([name]) => !taken.has(name.toLowerCase())));
}

/** An image's values in those columns; `zero_point` is empty if its bands differ. */
export function imageValues(
  { zeroPoints, filled }: Framed,
  { axes }: Cutout,
  columns: Readonly<Record<string, ColumnType>>,
  { bands }: ImportConfig,
): Record<string, Value> {
  const all: Record<string, Value> = {
    zero_point: new Set(zeroPoints).size === 1 ? (zeroPoints[0] ?? null) : null,
    filled_pixels: filled,
    [CUT_ANGLE]: axes && Number(axes.angle.toFixed(4)) + 0,
    [CUT_MIRRORED]: axes?.mirrored ?? null,
  };
  for (const [c, band] of bands.entries()) all[`zero_point_${band}`] = zeroPoints[c] ?? null;
  const values: Record<string, Value> = {};
  for (const name in columns) values[name] = all[name]!;
  return values;
}
