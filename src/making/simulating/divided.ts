/** A simulation in shards: runs of objects, each drawn by its index, joined into the dataset that one program would write. */
import type { DatasetInfo } from "../../dataset/info.ts";
import { appendPiece, writePiece } from "../../dataset/piece.ts";
import { imagesEach, writeDataset } from "../../dataset/writer.ts";
import { progress } from "../../foundation/progress.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { torchVersion } from "../../torch/machine.ts";
import { numbersHash } from "../numbers-hash.ts";
import { blockOf } from "../pieces.ts";
import type { SimulateConfig } from "./config.ts";
import { populationOf } from "./draw.ts";
import { drawInto, type SimulateOptions, settledOf, specOf } from "./simulate.ts";

/**
 * @param provenance of the joined dataset, asked for when it is written
 * @throws ArcletError as `simulate`, for settings
 */
export function dividedSimulation(
  config: SimulateConfig,
  shards: number,
  provenance: () => DatasetInfo["provenance"],
  { batch, shardBytes }: SimulateOptions = {},
): DividedWork {
  const population = populationOf(config);
  const { out, count, ...settings } = config;
  const spec = specOf(population, config, {});
  return {
    ...{ command: "simulate", out, unit: "images", units: count, resumes: true, outIsNew: true },
    ...blockOf(count, shards, imagesEach(spec, shardBytes)),
    settings: { count, ...settings },
    data: {
      "what the survey and the recipe say": numbersHash(population.survey, population.recipe),
      libtorch: torchVersion(),
    },
    async make(range, folder, tick) {
      await writePiece(
        folder,
        spec,
        async (writer) => {
          tick(0, writer.length);
          const saved = (length: number) =>
            `${length} of ${range.to - range.from} images of a shard are kept; the same command resumes`;
          await drawInto(writer, population, config, { range, batch, tick, saved });
        },
        shardBytes,
      );
    },
    async merge(pieces) {
      const bar = progress("join", count, "images");
      try {
        const info = await writeDataset(
          out,
          specOf(population, config, provenance()),
          async (writer) => {
            for (const piece of pieces) await appendPiece(writer, piece, (images) => bar.tick(images));
            return settledOf(population, config);
          },
          shardBytes,
        );
        return [`${out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`];
      } finally {
        bar.done();
      }
    },
  };
}
