/** What the pages ask for to look closer at one object, and what the server answers. */
import { z } from "zod";
import { HEATS } from "./look-keys.ts";

export const rowQuery = z.strictObject({
  row: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
});

export const heatQuery = rowQuery.extend({ by: z.enum(HEATS).default("gradcam") });

/** How an image lies on the sky. */
export interface Orientation {
  /** Position angle of the y axis, degrees from north through east. */
  angle: number;
  /** Whether the x axis runs east if y runs north. */
  mirrored: boolean;
}

/** A value of the dataset's table, as text. */
export interface CatalogueValue {
  name: string;
  value: string;
}

/** What is known of an object beside its image and scores. */
export interface BesideAnswer {
  row: number;
  /** Null if it is not known. */
  orientation: Orientation | null;
  /** Null while it is hidden. */
  catalogue: CatalogueValue[] | null;
}

/** What a page needs to know of looking before it shows anything. */
export interface LookAnswer {
  /** Whether row 0 of an image is its bottom. */
  bottomFirst: boolean;
  /** The finder of heat maps, and of objects alike if there is no table of features; null if none was given. */
  finder: string | null;
  /** Whether objects alike can be asked for: a finder or a table of features was given. */
  alike: boolean;
  /** Pixels a side of wider cutouts; null without frames. */
  wider: number | null;
}

/** Objects like another, nearest first. */
export interface AlikeAnswer {
  row: number;
  /** Cosine distance of the features: 0 alike, 1 unlike. */
  alike: { row: number; distance: number }[];
  /** Objects whose features are known so far, and all that have some. */
  done: number;
  total: number;
}
