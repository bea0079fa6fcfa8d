/**
 * What the pages ask of the server and what it answers. Requests are checked against these schemas at the door; the pages
 * import the types.
 */
import { z } from "zod";
import {
  CANDIDATE,
  EXPORTS,
  type ExportFormat,
  FILTERS,
  GRADES,
  type Grade,
  KINDS,
  type Kind,
  LONGEST_COMMENT,
  MOST_OBJECTS,
  ORDERS,
  type OrderName,
} from "./grades.ts";
import type { LookAnswer } from "./look-contract.ts";

const row = z.int().min(0);
const rows = z.array(row).min(1).max(MOST_OBJECTS);
/** Made by the page: an answer that got lost is asked for again, and nothing is graded twice. */
const request = z.string().regex(/^[0-9a-f]{32}$/);
const seconds = z.number().min(0).max(86_400).nullable();

export const gradeRequest = z
  .strictObject({
    request,
    /** Rows of the dataset's table, from 0. */
    rows,
    /** Null takes the grade back. */
    grade: z.enum([...GRADES, CANDIDATE]).nullable(),
    kind: z.enum(KINDS).nullable(),
    /** How long the objects were looked at, all together. */
    seconds,
  })
  .refine(({ grade, kind }) => kind === null || grade === "X", {
    message: "null unless the grade is X",
    path: ["kind"],
  });
export const commentRequest = z.strictObject({ request, row, comment: z.string().max(LONGEST_COMMENT) });
export const undoRequest = z.strictObject({ request });

/** A list in an address: `rows=1,2,3`. */
export const rowsQuery = z.strictObject({
  rows: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9})*$/)
    .transform((text) => text.split(",").map(Number))
    .pipe(rows),
});
export const orderQuery = z.strictObject({
  by: z.enum(ORDERS),
  show: z.enum(FILTERS),
  /** Which finder's scores, from 0. */
  finder: z.coerce.number().int().min(0).default(0),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(0),
});
export const exportQuery = z.strictObject({
  format: z.enum(Object.keys(EXPORTS) as [ExportFormat, ...ExportFormat[]]),
});

export type GradeRequest = z.output<typeof gradeRequest>;
export type CommentRequest = z.output<typeof commentRequest>;
export type OrderQuery = z.output<typeof orderQuery>;

/** Red, green and blue: the dataset's channels, and what each one's flux is multiplied by. */
export interface Composite {
  channels: [number, number, number];
  scales: [number, number, number];
}

/** What a page needs to know before it shows anything. */
export interface SessionAnswer {
  /** Names this search in the browser's memory of where one was. */
  search: string;
  grader: string;
  readOnly: boolean;
  version: string;
  dataset: {
    name: string;
    survey: string | null;
    bands: string[];
    /** Arcsec. */
    pixelScale: number;
    /** `flux`: float32; `display`: uint8, as it is. */
    pixels: "flux" | "display";
    /** [C, H, W] */
    shape: [number, number, number];
    /** As the survey shows its flux; null if that is not known. */
    composite: Composite | null;
  };
  finders: { name: string; calibrated: boolean }[];
  orders: OrderName[];
  objects: number;
  progress: Progress;
  look: LookAnswer;
}

/** Of one grader. */
export interface Progress {
  objects: number;
  /** Objects with a grade A, B, C or X. */
  graded: number;
  /** Objects by what they have. */
  by: Record<Grade, number>;
  comments: number;
  /** Whether there is anything to undo. */
  undoable: boolean;
}

/** What one finder says of an object. */
export interface FinderScore {
  score: number;
  /** From 1. */
  rank: number;
  calibrated: number | null;
}

export interface Position {
  /** ICRS degrees. */
  ra: number;
  dec: number;
  /** As text, in degrees, and in hours and degrees with minutes and seconds. */
  text: string;
  sexagesimal: string;
  links: { name: string; url: string }[];
}

export interface ObjectFacts {
  row: number;
  id: string;
  grade: Grade | null;
  kind: Kind | null;
  comment: string;
  position: Position | null;
  /** Of each finder, null for one without a score; null while they are hidden. */
  scores: (FinderScore | null)[] | null;
}

export interface FactsAnswer {
  objects: ObjectFacts[];
}

/** After a grade, a comment or an undo: the objects that it changed. */
export interface ChangedAnswer extends FactsAnswer {
  progress: Progress;
}

/** Any refusal. */
export interface ErrorAnswer {
  error: string;
}
