/** Cutouts in shards: runs of positions, frame after frame, joined into the dataset that one program would write. */
import { appendPiece, writePiece } from "../../dataset/piece.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import { imagesEach, writeDataset } from "../../dataset/writer.ts";
import { progress } from "../../foundation/progress.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { digest, fileState } from "../file-state.ts";
import { againIfTorn, blockOf } from "../pieces.ts";
import type { CutoutsConfig } from "./config.ts";
import { type CutoutsReport, nothingCut, reportOf, settled } from "./cutouts.ts";
import { asideIn, fill } from "./filling.ts";
import { type Ready, readyToCut, specOf } from "./ready.ts";

export interface DividedCutoutsExtras {
  /** Of the joined dataset, asked for when it is written. */
  provenance: () => Record<string, string>;
  /** Says what was cut, one line each. */
  report: (report: CutoutsReport) => string[];
  shardBytes?: number;
}

/**
 * Every program that makes a shard reads the catalogue and all frames' headers, so that a position which several frames cover is
 * cut from the same one; it cuts only its own positions.
 *
 * @throws ArcletError as `cutouts`
 */
export async function dividedCutouts(
  config: CutoutsConfig,
  shards: number,
  extras: DividedCutoutsExtras,
): Promise<DividedWork> {
  const ready = await readyToCut(config);
  const { order } = ready.plan;
  if (order.length === 0) throw nothingCut(config, ready.unplaced);
  const { shardBytes } = extras;
  const { out, ...settings } = config;
  const spec = specOf(ready, {});
  return {
    ...{ command: "cutouts", out, unit: "positions", units: order.length, resumes: true, outIsNew: true },
    ...blockOf(order.length, shards, imagesEach(spec, shardBytes)),
    settings,
    data: { [`the catalogue ${config.catalog}`]: ready.catalog.sha256, "the set of frames": stateOf(ready) },
    make: (range, folder, tick) =>
      againIfTorn(folder, () =>
        writePiece(
          folder,
          spec,
          async (writer) => {
            await fill(writer, ready, {
              positions: order.subarray(range.from, range.to),
              bar: (_, already) => {
                tick(0, already);
                return { tick: (positions = 1) => tick(positions), skip: () => {}, done: () => {} };
              },
              saved: (images) => `${images} images of a shard are kept; the same command resumes`,
            });
          },
          shardBytes,
        ),
      ),
    merge: (pieces) => joined(ready, pieces, extras),
  };
}

/** Frames by name, size and time of change, and files that are none. */
const stateOf = ({ plan }: Ready): string =>
  digest([
    ...plan.frames.map(({ path, hdu }) => `${fileState(path)} ${hdu}`),
    ...plan.unreadable.map(({ path }) => `${path} unreadable`),
  ]);

async function joined(
  ready: Ready,
  pieces: readonly string[],
  { provenance, report, shardBytes }: DividedCutoutsExtras,
): Promise<string[]> {
  const { config, plan } = ready;
  const aside = pieces.flatMap((piece) => asideIn(piece));
  const bar = progress("join", plan.order.length - aside.length, "images");
  let all: SetAside[] | undefined;
  try {
    const info = await writeDataset(
      config.out,
      specOf(ready, provenance()),
      async (writer) => {
        for (const piece of pieces) await appendPiece(writer, piece, (images) => bar.tick(images));
        all = settled(writer, ready, aside);
      },
      shardBytes,
    );
    return report(await reportOf(ready, info, all));
  } finally {
    bar.done();
  }
}
