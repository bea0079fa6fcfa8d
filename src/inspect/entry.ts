/** Entries of the journal: what graders did, one line each. */
import { z } from "zod";
import { CANDIDATE, GRADES, KINDS, LONGEST_COMMENT, LONGEST_TAG, MOST_TAGS } from "./grades.ts";

const common = {
  /** The entry's number, from 1. */
  n: z.int().min(1),
  /** When, in UTC. */
  at: z.iso.datetime(),
  grader: z.string().min(1),
  /** The request behind it, which may come twice. */
  request: z.string().min(1),
};

export const entry = z.discriminatedUnion("action", [
  z.strictObject({
    ...common,
    action: z.literal("grade"),
    ids: z.array(z.string().min(1)).min(1),
    grade: z.enum([...GRADES, CANDIDATE]).nullable(),
    kind: z.enum(KINDS).nullable(),
    /** How long the objects were looked at, all together. */
    seconds: z.number().nullable(),
  }),
  z.strictObject({
    ...common,
    action: z.literal("comment"),
    ids: z.array(z.string().min(1)).length(1),
    comment: z.string().max(LONGEST_COMMENT),
  }),
  z.strictObject({
    ...common,
    action: z.literal("tags"),
    ids: z.array(z.string().min(1)).length(1),
    /** All that the object has from now on. */
    tags: z.array(z.string().min(1).max(LONGEST_TAG)).max(MOST_TAGS),
  }),
  z.strictObject({
    ...common,
    /** Closes the round: what is said from here on belongs to the next one. */
    action: z.literal("close"),
    /** Objects to look at a second time, whatever was said of them so far. */
    ids: z.array(z.string().min(1)),
  }),
  z.strictObject({
    ...common,
    action: z.literal("undo"),
    /** The number of the entry that counts no more. */
    of: z.int().min(1),
  }),
]);

/** A line of a search's journal. */
export type Entry = z.output<typeof entry>;
export type GradeEntry = Extract<Entry, { action: "grade" }>;
export type CommentEntry = Extract<Entry, { action: "comment" }>;
export type TagsEntry = Extract<Entry, { action: "tags" }>;
/** What a grader says of objects, and may undo. */
export type SaidEntry = GradeEntry | CommentEntry | TagsEntry;
/** An entry before the journal has numbered and dated it. */
export type NewEntry = Entry extends infer E ? (E extends Entry ? Omit<E, "n" | "at"> : never) : never;
