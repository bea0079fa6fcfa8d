/** Painting in shards: runs of images, each painted by its index, joined into the dataset that one program would write. */
import { join } from "node:path";
import type { DatasetInfo } from "../../dataset/info.ts";
import { appendPiece, writePiece } from "../../dataset/piece.ts";
import { imagesEach, writeDataset } from "../../dataset/writer.ts";
import { progress } from "../../foundation/progress.ts";
import type { AskedShards } from "../../foundation/shards/config.ts";
import { type DividedWork, refuseTaken } from "../../foundation/shards/divided-work.ts";
import { shardsBeside } from "../../foundation/shards/shard-folder.ts";
import { torchVersion } from "../../torch/machine.ts";
import { numbersHash } from "../numbers-hash.ts";
import { blockOf } from "../pieces.ts";
import type { PaintConfig } from "./config.ts";
import { type Hosts, openHosts } from "./hosts.ts";
import { measuredInBlocks } from "./measured.ts";
import {
  identityOf,
  imagesIn,
  listSetAside,
  type PaintReport,
  paintInto,
  refuseSettings,
  reportOf,
  settledOf,
  specOf,
} from "./paint.ts";
import { planOf } from "./plan.ts";

export interface DividedPaintExtras {
  /** Of the joined dataset, asked for when it is written. */
  provenance: () => DatasetInfo["provenance"];
  /** Says what was painted, one line each. */
  report: (report: PaintReport) => string[];
  batch?: number;
  shardBytes?: number;
}

/**
 * Which hosts are painted, and the splits of their groups, follow from the measurements of all hosts, which programs share; each
 * paints only its own images.
 *
 * @returns the work, and what closes the hosts
 * @throws ArcletError as `paint`; Interrupted
 */
export async function dividedPaint(
  config: PaintConfig,
  asked: AskedShards,
  extras: DividedPaintExtras,
): Promise<{ work: DividedWork; close: () => void }> {
  refuseSettings(config);
  refuseTaken(config.out); // before all hosts are measured
  const hosts = await openHosts(config);
  try {
    return { work: await workOf(hosts, config, asked, extras), close: () => hosts.domain.close() };
  } catch (error) {
    hosts.domain.close();
    throw error;
  }
}

async function workOf(
  hosts: Hosts,
  config: PaintConfig,
  { shard, shards }: AskedShards,
  extras: DividedPaintExtras,
): Promise<DividedWork> {
  const { provenance, report, batch = 32, shardBytes } = extras;
  const { out, ...settings } = config;
  const { deflectors, setAside } = await measuredInBlocks(hosts, config, {
    // Beside the attempts, which are removed once all is joined.
    folder: join(shardsBeside(out), "work"),
    identity: identityOf(config, hosts, provenance()),
    begin: ((shard ?? 1) - 1) / shards,
  });
  const plan = planOf(deflectors, setAside, hosts, config);
  const spec = specOf(hosts, config, {}, setAside.length);
  const units = imagesIn(plan);
  return {
    ...{ command: "paint", out, unit: "images", units, resumes: true, outIsNew: true },
    ...blockOf(units, shards, imagesEach(spec, shardBytes)),
    settings,
    data: {
      [`the dataset ${config.hosts}`]: hosts.domain.info.contentHash,
      "what the survey and the recipe say": numbersHash(hosts.survey, hosts.recipe),
      libtorch: torchVersion(),
    },
    make: (range, folder, tick) =>
      writePiece(
        folder,
        spec,
        async (writer) => {
          tick(0, writer.length);
          const length = range.to - range.from;
          const saved = (done: number) =>
            `${done} of ${length} images of a shard are kept; the same command resumes`;
          await paintInto(writer, plan, hosts, config, { range, batch, tick, saved });
        },
        shardBytes,
      ),
    async merge(pieces) {
      const bar = progress("join", units, "images");
      try {
        const info = await writeDataset(
          out,
          specOf(hosts, config, provenance(), setAside.length),
          async (writer) => {
            listSetAside(writer, config, setAside);
            for (const piece of pieces) await appendPiece(writer, piece, (images) => bar.tick(images));
            return settledOf(hosts);
          },
          shardBytes,
        );
        return report(reportOf(plan, info, setAside));
      } finally {
        bar.done();
      }
    },
  };
}
