/** Reading, framing and writing images batch by batch; the next batches are read while one is worked on. */
import { join } from "node:path";
import type { Value } from "../../catalog/table.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import { SET_ASIDE_LOG, SetAsideLog } from "../../dataset/set-aside-log.ts";
import type { DatasetRow, DatasetWriter } from "../../dataset/writer.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { Progress } from "../../foundation/progress.ts";
import type { Candidate, Candidates } from "./candidate.ts";
import type { ImportConfig } from "./config.ts";
import { type Cutout, Flaw, type ImageSource, type Wanted } from "./cutout.ts";
import { type Frame, type Framed, framed } from "./framing.ts";
import type { FileOf } from "./opening.ts";

export interface Filling {
  source: ImageSource;
  candidates: Candidates;
  /** How many candidates the whole import has, if these are some of them. */
  all: number;
  /** Rows that were set aside before any image was read. */
  before: readonly SetAside[];
  config: ImportConfig;
  frame: Frame;
  wanted: Wanted;
  /** Bytes of one image as it is read. */
  bytes: number;
  /** The file of a row, to name it by when set aside; null if there is a table. */
  fileOf: FileOf | null;
  /** A row's values besides id, group, split and label; the object is the row's own. */
  columnsOf: (candidate: Candidate, cutout: Cutout, result: Framed) => Record<string, Value>;
  bar: ((total: number, already: number) => Progress) | undefined;
  /** As in `safePoint`, for a number of images of so many. */
  saved: (done: number, total: number) => string;
}

const MOST_IN_BATCH = 64;
/** Bytes of images held at a time. */
const BATCH_BYTES = 2 ** 26;
/** Bytes of images from which a thread that writes them pays. */
const APART_BYTES = 2 ** 26;

/**
 * Writes all images that can be used, starting where an interrupted import stopped.
 *
 * @returns the rows that were set aside for their images
 * @throws ArcletError when more are set aside than `maxBad`, or an interrupted import's files contradict each other
 */
export async function fillDataset(writer: DatasetWriter, filling: Filling): Promise<SetAside[]> {
  const { source, candidates, config, frame, wanted } = filling;
  const start = startOf(writer, candidates);
  const first = start < candidates.length ? candidates.at(start).row : Infinity;
  const log = new SetAsideLog(join(writer.folder, SET_ASIDE_LOG), ({ row }) => row >= first);
  const bar = filling.bar?.(candidates.length, start);
  try {
    if (start !== writer.length + log.entries.length)
      throw new ArcletError({
        where: writer.folder,
        code: "broken",
        problem: "is damaged",
        fix: "remove it and start again",
      });
    const size = Math.max(1, Math.min(MOST_IN_BATCH, Math.floor(BATCH_BYTES / filling.bytes)));
    const read = (from: number) => {
      const batch = candidates.slice(from, from + size);
      const cutouts = source.read(
        Array.from(batch, ({ location }) => location),
        wanted,
      );
      cutouts.catch(() => {}); // it is awaited later, or never if this batch fails
      return cutouts;
    };
    const left = (candidates.length - start) * filling.bytes;
    const apart = left > APART_BYTES;
    const ahead = source.ahead ?? 1;
    const reading = Array.from({ length: ahead }, (_, k) => read(start + k * size));
    for (let from = start; from < candidates.length; from += size) {
      const cutouts = await reading.shift()!;
      reading.push(read(from + ahead * size));
      const [rows, images, flaws]: [DatasetRow[], Framed["image"][], SetAside[]] = [[], [], []];
      for (const [k, cutout] of cutouts.entries()) {
        const candidate = candidates.at(from + k);
        const result = cutout instanceof Flaw ? cutout : framed(cutout, frame, config, candidate.id);
        if (result instanceof Flaw) {
          flaws.push(setAside(candidate, result, filling));
          continue;
        }
        const { id, group, split, label } = candidate;
        // Spread into a literal, each row would have a hidden class of its own: ten times the memory until it is collected.
        const more = filling.columnsOf(candidate, cutout as Cutout, result);
        rows.push(Object.assign(more, { id, group, split: split ?? "train", label }));
        images.push(result.image);
      }
      log.append(flaws);
      refuseTooMany(filling, log.entries);
      if (apart) await writer.appendApart(images, rows);
      else writer.appendEach(images, rows);
      bar?.tick(cutouts.length);
      const done = from + cutouts.length;
      await safePoint(filling.saved(done, candidates.length));
    }
    await writer.land();
    return log.entries;
  } finally {
    log.close();
    bar?.done();
  }
}

/** Where to resume: after the last row that was written. */
function startOf(writer: DatasetWriter, candidates: Candidates): number {
  if (writer.length === 0) return 0;
  let last: Value = null;
  for (const row of writer.written()) last = row.id!;
  let start = candidates.length;
  while (start > 0 && candidates.at(start - 1).id !== last) start--;
  return start;
}

function setAside(candidate: Candidate, { kind, detail }: Flaw, { source, fileOf }: Filling): SetAside {
  const { row, id, location } = candidate;
  const reason = `${kind}: ${source.nameOf(location)}, ${detail}`;
  return { ...(fileOf === null ? {} : fileOf(row)), row, id, kind, reason };
}

/** @throws ArcletError when more rows are set aside than `maxBad` */
export function refuseTooMany(
  { all: candidates, before, config }: Pick<Filling, "all" | "before" | "config">,
  entries: readonly SetAside[],
): void {
  if (config.maxBad === null) return;
  const all = candidates + before.length;
  const bad = entries.length + before.length;
  const most =
    typeof config.maxBad === "number" ? config.maxBad : (Number.parseFloat(config.maxBad) / 100) * all;
  if (bad <= most) return;
  const flawed = [...before, ...entries];
  const kinds = [...new Set(flawed.map(({ kind }) => kind))].map(
    (kind) => `${flawed.filter((entry) => entry.kind === kind).length} ${kind}`,
  );
  const last = flawed.at(-1)!;
  throw new ArcletError({
    where: "import",
    code: "too-large",
    problem: `${bad} of ${all} rows can't be used, more than --max-bad ${config.maxBad} (${kinds.join(", ")}); e.g. row ${last.row + 1}: ${last.reason}`,
  });
}
