/**
 * What a person can say of an object, and the keys for it: Qt-stamp-visualizer's. Both the server and the pages import this
 * file, which imports nothing.
 */

/** From the surest lens to no lens. */
export const GRADES = ["A", "B", "C", "X"] as const;

/** Worth a closer look: what a click in the mosaic says, until it is graded. */
export const CANDIDATE = "candidate";

/** What an object is that is no lens. */
export const KINDS = ["merger", "spiral", "ring", "elliptical", "disc", "edge-on"] as const;

/** A grade, from A (sure) to X (no lens), or a candidate. */
export type Grade = (typeof GRADES)[number] | typeof CANDIDATE;

/** What an object is that is no lens. */
export type Kind = (typeof KINDS)[number];

/** A grade as a key gives it; a kind means grade X. */
export interface Verdict {
  readonly grade: Grade | null;
  readonly kind: Kind | null;
}

export const KEYS: Readonly<Record<string, Verdict>> = {
  q: { grade: "A", kind: null },
  w: { grade: "B", kind: null },
  e: { grade: "C", kind: null },
  r: { grade: "X", kind: null },
  a: { grade: "X", kind: "merger" },
  s: { grade: "X", kind: "spiral" },
  d: { grade: "X", kind: "ring" },
  f: { grade: "X", kind: "elliptical" },
  g: { grade: "X", kind: "disc" },
  h: { grade: "X", kind: "edge-on" },
};

/** What each grade says, for the pages and the guide. */
export const MEANING: Readonly<Record<Grade, string>> = {
  A: "surely a lens",
  B: "probably a lens",
  C: "possibly a lens",
  X: "no lens",
  candidate: "worth a closer look",
};

/** Objects in one request: a page of the mosaic at its largest. */
export const MOST_OBJECTS = 400;
/** Characters of a comment. */
export const LONGEST_COMMENT = 2000;
/** Tags of an object, and characters of a tag. */
export const MOST_TAGS = 12;
export const LONGEST_TAG = 40;

export const ORDERS = [
  "score",
  "uncertain",
  "disagreement",
  "split",
  "consensus",
  "swap",
  "random",
  "sample",
  "table",
] as const;
export type OrderName = (typeof ORDERS)[number];

/** What of the objects to show: all, by what one has said of them so far. */
export const FILTERS = ["all", "ungraded", "graded", "candidates", "commented", ...GRADES] as const;
export type Filter = (typeof FILTERS)[number];

export const EXPORTS = {
  csv: "CSV",
  vot: "VOTable",
  fits: "FITS",
  parquet: "Parquet",
  reg: "DS9 regions",
  html: "HTML gallery",
} as const;
export type ExportFormat = keyof typeof EXPORTS;
