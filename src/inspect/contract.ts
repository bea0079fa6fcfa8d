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
  LONGEST_TAG,
  MOST_OBJECTS,
  MOST_TAGS,
  ORDERS,
  type OrderName,
} from "./grades.ts";
import type { KeysInForce } from "./key-names.ts";
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
const tag = z.string().trim().min(1).max(LONGEST_TAG);
export const tagsRequest = z.strictObject({ request, row, tags: z.array(tag).max(MOST_TAGS) });
export const undoRequest = z.strictObject({ request });
/** Closes the round. */
export const closeRequest = z.strictObject({
  request,
  /** Whether objects that graders disagree on are looked at again. */
  disagreements: z.boolean(),
});
/** Starts, or stops, a retraining. */
export const retrainRequest = z.strictObject({ request });

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
  /** Only objects with this tag. */
  tag: tag.optional(),
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
export type TagsRequest = z.output<typeof tagsRequest>;
export type CloseRequest = z.output<typeof closeRequest>;
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
  /** The order to begin with. */
  first: OrderName;
  /** The finder whose ranking the open round began with, from 0. */
  ranking: number;
  /** Whether the search may learn from its grades here, and whether rounds can be closed. */
  learns: boolean;
  rounds: boolean;
  /** Keys that say something else than usual. */
  keys: KeysInForce;
  /** Whether figures of the survey follow from the grades. */
  estimates: boolean;
  objects: number;
  progress: Progress;
  look: LookAnswer;
}

/** Of one grader. */
export interface Progress {
  /** The open round, from 1. */
  round: number;
  objects: number;
  /** Objects with a grade A, B, C or X. */
  graded: number;
  /** Objects by what they have. */
  by: Record<Grade, number>;
  comments: number;
  /** The grader's tags, and how many objects have each. */
  tags: { tag: string; objects: number }[];
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
  tags: string[];
  /** What all graders of closed rounds say, once one has graded it; null without. */
  consensus: { mean: number; graders: number; lens: number | null } | null;
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

/** A share of objects, as counted, with its 95 % interval. */
export interface Share {
  right: number;
  of: number;
  value: number;
  low: number;
  high: number;
}

/** How often a grader calls lenses lenses, and others none, among decoys; null without any of that class. */
export interface Skill {
  sensitivity: Share | null;
  specificity: Share | null;
}

/** One grader, in the rounds that are over. */
export interface GraderSummary extends Skill {
  grader: string;
  graded: number;
  /** Mean grade less that of the others of the same objects. */
  above: number | null;
  /** Chance of giving an object its true grade, by Dawid and Skene. */
  truth: number | null;
  /** Objects graded in two rounds that got the same grade again. */
  same: Share | null;
}

export interface PeopleAnswer {
  /** The open round. */
  round: number;
  /** What the grader who asks has done, the open round included. */
  own: Skill & {
    grader: string;
    graded: number;
    /** Decoys are shown among the others. */
    decoys: boolean;
  };
  /** Everybody, in the rounds that are over; null before one is. */
  closed: {
    graders: GraderSummary[];
    /** Objects that two or more have graded. */
    shared: number;
    /** Krippendorff's alpha; null where all grades are the same. */
    agreement: { level: string; alpha: number | null; low: number | null; high: number | null }[];
  } | null;
}

/** A value with its 95 % interval; null where nothing is selected that it could be of. */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

/** Figures of the whole survey by a grader's grades so far. */
export interface EstimatesAnswer {
  graded: number;
  /** Objects that are still to grade, decoys among them. */
  left: number;
  /** Why there are no figures yet. */
  yet: string | null;
  figures: {
    number: Estimate;
    /** Whether the grader's errors on decoys are corrected. */
    corrected: boolean;
    /** Of what is selected at a score, where the sample's strata end. */
    thresholds: { score: number; selected: number; purity: Estimate; completeness: Estimate }[];
    notes: string[];
  } | null;
}

/** What a retraining changed in the ranking. */
export interface Changes {
  /** Rows that have a rank; decoys are not counted, here or below. */
  scored: number;
  /** The first rows of the new ranking, at most 500, and how many of them were not among the first 500 before. */
  head: number;
  fresh: number | null;
  /** The first rows that nobody has graded, at most 500, and the lenses among them by calibrated probability; null if any has none. */
  next: number;
  expected: number | null;
  /** Median ranks of what was graded, before and after. */
  grades: { grade: Exclude<Grade, "candidate">; objects: number; before: number | null; after: number }[];
}

/** A round whose grades a finder has learned. */
export interface LearnedRound {
  round: number;
  begun: string;
  ended: string;
  /** Who started it. */
  grader: string;
  /** Objects whose grades it learned from. */
  graded: number;
  /** As typed in a shell. */
  commands: string[];
  changes: Changes;
}

/** How learning stands. */
export interface LearningAnswer {
  /** The open round. */
  round: number;
  /** Why nothing can be learned here; null if it can. */
  cannot: string | null;
  /** What the next retraining would run, as typed in a shell, and the settings of `arclet train`. */
  commands: string[];
  settings: string;
  running: {
    phase: "train" | "score";
    begun: string;
    grader: string;
    stopping: boolean;
    /** The last lines that the command printed. */
    lines: string[];
  } | null;
  /** How the last retraining of this round ended without anything being taken. */
  failed: { problem: string; lines: string[] } | null;
  rounds: LearnedRound[];
}

/** Any refusal. */
export interface ErrorAnswer {
  error: string;
}
