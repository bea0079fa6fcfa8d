/** An import in shards: runs of the table's rows, joined into the dataset that one program would write. */
import { basename } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { appendPiece, writePiece } from "../../dataset/piece.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import { loggedSetAside } from "../../dataset/set-aside-log.ts";
import { imagesEach, writeDataset } from "../../dataset/writer.ts";
import { progress } from "../../foundation/progress.ts";
import type { MakeShard } from "../../foundation/shards/attempt.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { digest, fileStateOrNone } from "../file-state.ts";
import { againIfTorn, blockOf } from "../pieces.ts";
import type { ImportOptions } from "./config.ts";
import { refuseTooMany } from "./filling.ts";
import { type ImportReport, reportOf } from "./import.ts";
import { openInputs } from "./opening.ts";
import { fillFrom, inItsFile, type Prepared, parsedImport, prepared, rulesOf, specOf } from "./prepared.ts";
import { type Outcome, settled } from "./settling.ts";

export interface DividedImportExtras {
  /** Of the joined dataset, asked for when it is written. */
  provenance: () => Record<string, string | number>;
  /** Says what was imported, one line each. */
  report: (report: ImportReport) => string[];
  shardBytes?: number;
}

/**
 * Every program that makes a shard reads the table, lists the files and looks at the same few images, so that ids, labels, sizes
 * and units of flux are those of the whole; it reads only its own rows' images. Identical images, splits by fractions and the zero
 * point that all share are settled when the shards are joined.
 *
 * @returns the work, and what closes the images
 * @throws ArcletError as `importImages`, for settings, tables and files
 */
export async function dividedImport(
  options: ImportOptions,
  shards: number,
  extras: DividedImportExtras,
): Promise<{ work: DividedWork; close: () => void }> {
  const opened = await openInputs(parsedImport(options), true);
  try {
    return { work: workOf(await prepared(opened), shards, extras), close: () => opened.source.close() };
  } catch (error) {
    opened.source.close();
    throw inItsFile(error, opened);
  }
}

function workOf(ready: Prepared, shards: number, extras: DividedImportExtras): DividedWork {
  const { opened, candidates } = ready;
  const { config } = opened;
  const { out } = config;
  const { maxBad: _, ...rules } = rulesOf(config); // it may be raised, and the import goes on
  return {
    ...{ command: "import", out, unit: "images", units: candidates.length, resumes: true, outIsNew: true },
    ...blockOf(candidates.length, shards, imagesEach(specOf(ready, {}), extras.shardBytes)),
    settings: { ...rules },
    data: {
      ...(config.table === null ? {} : { [`the table ${basename(config.table)}`]: fileHash(config.table) }),
      "the set of images": digest(imagesOf(ready)),
    },
    make: makerOf(ready, extras),
    merge: (pieces) => joined(ready, pieces, extras),
  };
}

/** What the images are recognised by. */
function* imagesOf({ opened: { identity, ownFiles }, candidates }: Prepared): Generator<string, void> {
  yield identity;
  if (!ownFiles) return;
  for (const { location } of candidates) for (const file of location.files) yield fileStateOrNone(file);
}

const makerOf =
  (ready: Prepared, { shardBytes }: DividedImportExtras): MakeShard =>
  (range, folder, tick) =>
    againIfTorn(folder, () =>
      writePiece(
        folder,
        specOf(ready, {}),
        async (writer) => {
          await fillFrom(writer, ready, {
            range,
            bar: (_, already) => {
              tick(0, already);
              return { tick: (images = 1) => tick(images), skip: () => {}, done: () => {} };
            },
            saved: (done, total) =>
              `${done} of ${total} images of a shard are kept; the same command resumes`,
          });
        },
        shardBytes,
      ),
    );

async function joined(
  ready: Prepared,
  pieces: readonly string[],
  { provenance, report, shardBytes }: DividedImportExtras,
): Promise<string[]> {
  const { opened, candidates, before } = ready;
  const { config } = opened;
  const flaws: SetAside[] = pieces.flatMap((piece) => loggedSetAside(piece));
  refuseTooMany({ all: candidates.length, before, config }, flaws);
  let outcome: Outcome | undefined;
  const bar = progress("join", candidates.length - flaws.length, "images");
  try {
    const info = await writeDataset(
      config.out,
      specOf(ready, provenance()),
      async (writer) => {
        for (const piece of pieces) await appendPiece(writer, piece, (images) => bar.tick(images));
        const settling = settled(writer, ready, flaws);
        outcome = settling.outcome;
        return settling.settled;
      },
      shardBytes,
    );
    return report(await reportOf(ready, info, outcome));
  } catch (error) {
    throw inItsFile(error, opened);
  } finally {
    bar.done();
  }
}
