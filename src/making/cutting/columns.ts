/** Columns that say where a cutout is from. */
import type { ColumnType } from "../../catalog/table.ts";

export const CUT_FRAME = "cut_frame";
export const CUT_ANGLE = "cut_angle";
export const CUT_MIRRORED = "cut_mirrored";

/**
 * The first band's frame, the object's position in the cutout (pixels from 0), how the cutout lies on the sky (the position
 * angle of its y axis, degrees from north through east; whether its x axis then runs east), and the fraction that was filled.
 */
export const CUT_COLUMNS: Record<string, ColumnType> = {
  [CUT_FRAME]: "text",
  cut_x: "number",
  cut_y: "number",
  [CUT_ANGLE]: "number",
  [CUT_MIRRORED]: "yes/no",
  missing: "number",
};
