/** A run's inputs, by content: datasets, a starting model, a file of weights. */
import { createHash } from "node:crypto";
import type { ImageDomain } from "../../dataset/dataset.ts";
import { fileHash } from "../../dataset/hash.ts";
import { weightFiles } from "../../torch/weight-files.ts";
import type { TrainConfig } from "../config.ts";
import type { RunInputs } from "../run.ts";
import type { RunData } from "./data.ts";
import type { Start } from "./start.ts";

export function inputsOf(
  config: TrainConfig,
  { sources, target, graded }: RunData,
  { from }: Start,
): RunInputs {
  return {
    source: datasetInput(config.source, sources[0]!.dataset),
    also: sources.slice(1).map(({ folder, dataset }) => datasetInput(folder, dataset)),
    target: target === null ? null : datasetInput(config.target!, target),
    graded:
      graded === null
        ? null
        : { path: config.graded!, name: "grades", contentHash: graded.rows.record.table.sha256 },
    from: from === null ? null : { path: config.from!, name: "model", contentHash: fileHash(from.file) },
    weights:
      config.weights === null
        ? null
        : { path: config.weights, name: "weights", contentHash: weightsHash(config.weights) },
  };
}

/** Of the file, or of an index and its shards. */
function weightsHash(path: string): string {
  const hashes = weightFiles(path).map((path) => fileHash(path));
  return hashes.length === 1 ? hashes[0]! : createHash("sha256").update(hashes.join("\n")).digest("hex");
}

const datasetInput = (path: string, { info }: Pick<ImageDomain, "info">) => ({
  path,
  name: info.name,
  contentHash: info.contentHash,
});
