/** A cascade's folder: `student.safetensors`, and `cascade.json`, which says of which finder and data it is. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { readJson } from "../../foundation/files.ts";
import { readModelInfo } from "../../train/model.ts";

export const CASCADE_FILE = "cascade.json";
export const STUDENT_FILE = "student.safetensors";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.number().int().min(0);
const share = z.number().min(0).max(1);
const interval = { low: z.number(), high: z.number() };

export const cascadeSchema = z.strictObject({
  format: z.literal(1),
  task: z.literal("cascade"),
  finder: z.strictObject({
    /** A model's file, or the name of a finder that comes along. */
    path: z.string(),
    sha256,
    positive: z.string(),
    /** Images with at least this score must not be rejected. */
    threshold: share,
  }),
  student: z.strictObject({ sha256 }),
  /** Images with at least these log odds of the student pass; the finder scores them. */
  passes: z.number(),
  /** Share of the images above the finder's threshold that may be rejected. */
  loss: share,
  /** What all its images are of. */
  images: z.strictObject({
    survey: z.string().nullable(),
    zeroPoint: z.number().nullable(),
  }),
  data: z
    .array(
      z.strictObject({
        name: z.string(),
        folder: z.string(),
        contentHash: z.string(),
        /** Rows that the student learned from, that its threshold is of, and that both were judged on. */
        learned: whole,
        calibrated: whole,
        heldOut: whole,
        /** Whether the loss is promised for it. */
        promised: z.boolean().default(true),
        /** Groups of calibration rows above the finder's threshold. */
        above: whole,
        /** Groups of held-out rows above it, and how many of them were rejected; null in files of 0.2.0. */
        aboveHeldOut: whole.nullable().default(null),
        lost: whole.nullable().default(null),
        /** Of the held-out rows. */
        rejected: share,
        /** Of the student's log odds of held-out rows, evenly spaced from the least to the largest. */
        quantiles: z.array(z.number()).min(2),
      }),
    )
    .min(1),
  /** Of the share that is kept, over calibration sets like these: 95 % of them. */
  range: z.strictObject(interval),
  /**
   * Of what the loss is promised for: groups of held-out rows above the finder's threshold, how many of them were rejected,
   * and the share with an interval.
   */
  heldOut: z.strictObject({ groups: whole, lost: whole, loss: share.nullable(), ...interval }),
  seed: whole,
  command: z.string(),
  versions: z.record(z.string(), z.string()),
});

export type Cascade = z.output<typeof cascadeSchema>;

/** The folder's own file; null of any other path. */
export function cascadeAt(path: string): string | null {
  const file = path.endsWith(CASCADE_FILE) ? path : join(path, CASCADE_FILE);
  return existsSync(file) && statSync(file).isFile() ? file : null;
}

export interface OpenedCascade {
  readonly cascade: Cascade;
  /** The student's file. */
  readonly student: string;
}

/**
 * @param file as `cascadeAt` finds it
 * @throws ArcletError when its finder, its student or a dataset behind it changed
 */
export function readCascade(file: string): OpenedCascade {
  const cascade = checked(file, cascadeSchema, readJson(file), { whole: "the cascade", code: "broken" });
  const again = "make the cascade again (arclet cascade)";
  const changed = (problem: string) =>
    new ArcletError({ where: file, code: "conflict", problem, fix: again });
  const student = join(file, "..", STUDENT_FILE);
  if (fileHash(student) !== cascade.student.sha256)
    throw new ArcletError({
      where: student,
      code: "broken",
      problem: `is not the file that ${CASCADE_FILE} describes`,
      fix: again,
    });
  const { path, sha256 } = cascade.finder;
  if (fileHash(readModelInfo(path).file) !== sha256)
    throw changed(`was made for the finder ${path}, which has changed since`);
  for (const { folder, contentHash } of cascade.data) {
    const info = join(folder, INFO_FILE);
    if (existsSync(info) && readInfo(info).contentHash !== contentHash)
      throw changed(`was made on ${folder}, which has changed since`);
  }
  return { cascade, student };
}

/** The model that scores what passes, of a cascade; the path itself of any other. @throws ArcletError as `readCascade` */
export function modelBehind(path: string): string {
  const file = cascadeAt(path);
  return file === null ? path : readCascade(file).cascade.finder.path;
}
