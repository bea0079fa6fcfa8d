/** Cutouts of survey frames at the positions of a catalogue, as a dataset folder. */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { DatasetInfo } from "../../dataset/info.ts";
import { countByKind, SET_ASIDE_FILE, type SetAside, setAsideCsv } from "../../dataset/set-aside.ts";
import { kindsSetAside } from "../../dataset/set-aside-list.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import { type DatasetWriter, writeDataset } from "../../dataset/writer.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { progress } from "../../foundation/progress.ts";
import type { CutoutsConfig } from "./config.ts";
import { fill } from "./filling.ts";
import type { Plan } from "./plan.ts";
import { type Ready, readyToCut, specOf } from "./ready.ts";

/** What was cut out of frames. */
export interface CutoutsReport {
  /** The dataset's `dataset.json`. */
  info: DatasetInfo;
  /** Positions set aside, by the kind of reason. */
  setAside: Record<string, number>;
  /** Frames that were read. */
  frames: number;
  /** Files that could not be read. */
  unreadable: Plan["unreadable"];
  /** How many files have no frame of these bands. */
  others: number;
  /** How the catalogue's columns were understood, one sentence each. */
  notes: readonly string[];
}

/**
 * Cuts the positions of a catalogue out of the frames that contain them, each from the frame in which it is farthest
 * from an edge. Memory grows with the catalogue and the size of a cutout, not with that of the frames (but a gzipped one
 * is unpacked whole). An interrupted run resumes, to the same bytes.
 *
 * @param provenance further provenance, e.g. versions
 * @throws ArcletError for a bad catalogue, when no frame can be used, or no position can be cut
 */
export async function cutouts(
  config: CutoutsConfig,
  provenance: Record<string, string>,
): Promise<CutoutsReport> {
  const ready = await readyToCut(config);
  const { plan, catalog } = ready;
  let all: SetAside[] | undefined;
  const info = await writeDataset(
    config.out,
    specOf(ready, provenance),
    async (writer) => {
      const aside = await fill(writer, ready, {
        positions: plan.order,
        bar: (total, already) => progress("cut", total, "positions", already),
        saved: (images) => `${images} images are in ${config.out}.partial; the same command resumes`,
      });
      all = settled(writer, ready, aside);
    },
    undefined,
    identityOf(config, plan, catalog.sha256, provenance),
  );
  return reportOf(ready, info, all);
}

/**
 * Once all is cut: writes the list of what is set aside.
 *
 * @param aside what was found on the way
 * @throws ArcletError when there is no image
 */
export function settled(
  writer: DatasetWriter,
  { config, unplaced }: Ready,
  aside: readonly SetAside[],
): SetAside[] {
  const all = [...unplaced, ...aside].sort((a, b) => a.row - b.row);
  if (writer.length === 0) throw nothingCut(config, all);
  writeFileWhole(join(writer.folder, SET_ASIDE_FILE), setAsideCsv(config.catalog, all));
  return all;
}

/** @param all what was set aside; undefined if an earlier program was killed after it listed them: the folder has the list */
export async function reportOf(
  { config, plan, objects }: Ready,
  info: DatasetInfo,
  all: readonly SetAside[] | undefined,
): Promise<CutoutsReport> {
  return {
    info,
    setAside: countByKind(all ?? (await kindsSetAside(config.out)).map((kind) => ({ kind }))),
    frames: plan.frames.length,
    unreadable: plan.unreadable,
    others: plan.others,
    notes: objects.notes,
  };
}

/** What pixels and rows depend on: settings, positions, frames by name and size, versions. */
function identityOf(
  { out: _, ...settings }: CutoutsConfig,
  plan: Plan,
  catalog: string,
  { arclet = "" }: Record<string, string>,
): Identity {
  const sizes = plan.frames.map(({ path, hdu }) => [path, hdu, statSync(path).size]);
  const frames = createHash("sha256").update(JSON.stringify(sizes)).digest("hex").slice(0, 16);
  return { ...settings, catalog, frameFiles: frames, arclet };
}

export function nothingCut({ catalog }: CutoutsConfig, all: readonly SetAside[]): ArcletError {
  const why = all.length === 0 ? "it has no rows" : `e.g. row ${all[0]!.row + 1}: ${all[0]!.reason}`;
  return new ArcletError({ where: catalog, code: "empty", problem: `no position can be cut; ${why}` });
}
