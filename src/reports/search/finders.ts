/** What is known of the finders of a search, from their models. */
import { z } from "zod";
import { fileHash } from "../../dataset/hash.ts";
import { finderInPlaceOf } from "../../train/finders/finders.ts";
import { leakText } from "../../train/leak.ts";
import { readModelInfo } from "../../train/model.ts";

const dataset = z.looseObject({ name: z.string(), contentHash: z.string() });

/** Models of older versions keep less. */
const provenanceSchema = z.looseObject({
  command: z.string().optional(),
  arclet: z.string().optional(),
  inputs: z
    .looseObject({ source: dataset, also: z.array(dataset).default([]), target: dataset.nullable() })
    .optional(),
});

interface Origin {
  readonly name: string;
  readonly contentHash: string;
}

export interface SearchFinder {
  /** As the search names it. */
  readonly name: string;
  /** Its card's summary, of one that comes along. */
  readonly summary: string | null;
  readonly model: string;
  readonly sha256: string;
  readonly encoder: string;
  readonly method: string;
  readonly seed: number;
  readonly epoch: number;
  /** The validator that chose the epoch; null for the last. */
  readonly chosenBy: string | null;
  /** Labelled datasets that it was trained on; null if its model doesn't say. */
  readonly sources: readonly Origin[] | null;
  /** The dataset that it was adapted to. */
  readonly target: Origin | null;
  /** Rows whose grades it learned from. */
  readonly graded: number;
  readonly command: string | null;
  readonly arclet: string | null;
  /** What a reader must know before they believe it, a sentence each. */
  readonly warnings: readonly string[];
}

/** @param path a run's folder, a model's file, or a finder's name @throws ArcletError as `readModelInfo` */
export function searchFinder(path: string): SearchFinder {
  const along = finderInPlaceOf(path);
  const { file, info } = readModelInfo(path);
  const kept = provenanceSchema.safeParse(info.provenance).data ?? {};
  const graded = (info.graded ?? []).reduce((sum, { rows }) => sum + rows.length, 0);
  const origin = ({ name, contentHash }: Origin): Origin => ({ name, contentHash });
  return {
    name: path,
    summary: along?.card.summary ?? null,
    model: file,
    sha256: fileHash(file),
    encoder: info.encoder.name,
    method: info.method,
    seed: info.seed,
    epoch: info.epoch,
    chosenBy: info.chosenBy,
    sources: kept.inputs === undefined ? null : [kept.inputs.source, ...kept.inputs.also].map(origin),
    target: kept.inputs?.target ? origin(kept.inputs.target) : null,
    graded,
    command: kept.command ?? null,
    arclet: kept.arclet ?? null,
    warnings: [
      ...(info.oracle ? [`${path}: target labels were used to choose its epoch`] : []),
      ...(info.leak === null ? [] : [`${path}: ${leakText(info.leak)}`]),
      ...(graded === 0
        ? []
        : [
            `${path}: learned from the grades of ${graded} rows, whose scores are better than those of others`,
          ]),
    ],
  };
}
