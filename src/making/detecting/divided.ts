/** Detecting in shards: runs of a frame's pieces, whose sources are joined into the catalogue that one program would write. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { Owners, piecesOf, sourcesIn } from "../../sky/frames/detect-frame.ts";
import { digest, fileState } from "../file-state.ts";
import { type Field, openField } from "./bands.ts";
import type { DetectConfig } from "./config.ts";
import { type DetectReport, settingsOf, writeSources } from "./detect.ts";
import { packedSources, unpackedSources } from "./packed-sources.ts";

/** A piece's sources, in the shard that has it. */
const fileOf = (folder: string, piece: number): string =>
  join(folder, `piece-${String(piece).padStart(6, "0")}.f64`);

/**
 * A piece's sources are kept with those in its margins: which piece a source on the line between two belongs to, which of all are
 * stars, and names of sources that have the same, are decided when the shards are joined.
 *
 * @param report says what was found, one line each
 * @returns the work, and what closes the frames
 * @throws ArcletError as `detectSources`
 */
export function dividedDetection(
  config: DetectConfig,
  report: (report: DetectReport) => string[],
): { work: DividedWork; close: () => void } {
  const field = openField(config);
  try {
    return { work: workOf(field, config, report), close: () => field.close() };
  } catch (error) {
    field.close();
    throw error;
  }
}

function workOf(field: Field, config: DetectConfig, report: (report: DetectReport) => string[]): DividedWork {
  const { bands, mask } = field;
  const { out, ...rules } = config;
  const settings = settingsOf(config, field);
  const pieces = piecesOf(bands, mask, settings);
  const files = [...config.frames, ...(config.weights ?? []), ...(config.mask === null ? [] : [config.mask])];
  return {
    ...{ command: "detect", out, unit: "pieces", units: pieces.length, resumes: true, settings: rules },
    data: Object.fromEntries(files.map((path) => [`the frame ${path}`, digest([fileState(path)])])),
    async make(range, folder, tick) {
      for (let k = range.from; k < range.to; k++) {
        if (existsSync(fileOf(folder, k))) {
          tick(0, 1);
          continue;
        }
        const sources = sourcesIn(pieces[k]!, bands, mask, settings);
        writeFileWhole(fileOf(folder, k), packedSources(sources, bands.length));
        tick(1);
        await safePoint(`${k + 1 - range.from} pieces of a shard are kept; the same command resumes`);
      }
    },
    async merge(shards) {
      const owners = new Owners();
      const folders = shards.values();
      let folder = folders.next().value!;
      for (const [k, piece] of pieces.entries()) {
        while (!existsSync(fileOf(folder, k))) folder = folders.next().value!;
        owners.add(piece, unpackedSources(fileOf(folder, k), bands.length));
        await safePoint("nothing was joined; the shards are kept");
      }
      return report(await writeSources(owners.sources, field, config));
    },
  };
}
