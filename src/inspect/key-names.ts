/** Names of what a key can say, and the keys that say it unless a file of keys has others. Imports nothing but names. */
import { GRADES, KEYS, KINDS } from "./grades.ts";

/** What is no grade. */
const ACTIONS = {
  candidate: [" "],
  "none-of-these": ["n"],
  undo: ["u", "Backspace"],
  comment: ["c"],
  tag: ["y"],
  view: ["m"],
  inverted: ["i"],
  stretch: ["t"],
  "colour-map": ["p"],
  "less-contrast": ["["],
  "more-contrast": ["]"],
  brighter: [","],
  darker: ["."],
  "heat-map": ["o"],
  alike: ["l"],
  wider: ["x"],
  larger: ["+", "="],
  smaller: ["-"],
  help: ["?"],
} as const satisfies Record<string, readonly string[]>;

const gradeKey = (grade: string, kind: string | null): string[] =>
  Object.entries(KEYS).flatMap(([key, verdict]) =>
    verdict.grade === grade && verdict.kind === kind ? [key] : [],
  );

/** The keys of each name, the first being the one that the pages show. */
export const USUAL_KEYS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(GRADES.map((grade) => [grade, gradeKey(grade, null)])),
  ...Object.fromEntries(KINDS.map((kind) => [kind, gradeKey("X", kind)])),
  ...ACTIONS,
};

/**
 * Keys in force: the usual one behind each key that says something else than usual, null for one that says nothing any more.
 */
export type KeysInForce = Readonly<Record<string, string | null>>;
