/** Which jobs were submitted for a folder of shards: a line each in its `jobs.jsonl`. */
import { existsSync } from "node:fs";
import { z } from "zod";
import { appendJsonLine, readJsonLines } from "../foundation/json-lines.ts";
import type { ShardFolder } from "../foundation/shards/shard-folder.ts";

const schema = z.strictObject({
  /** Slurm's number of the job. */
  id: z.string(),
  kind: z.enum(["shards", "merge"]),
  /** The shards that it makes. */
  shards: z.array(z.number()),
  /** What is added to the number of an array's job for its shard's. */
  offset: z.number().default(0),
});

export type Submission = z.output<typeof schema>;

export const submissionsOf = ({ submissions }: ShardFolder): Submission[] =>
  existsSync(submissions)
    ? readJsonLines(submissions, "drop the last", (value) => schema.parse(value), "is not a submitted job")
    : [];

export const recordSubmission = ({ submissions }: ShardFolder, submission: z.input<typeof schema>): void =>
  appendJsonLine(submissions, submission);
