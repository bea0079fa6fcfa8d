/** Cutouts before a position is cut: the catalogue's objects, the frame of each, and what the dataset will be. */
import { basename, resolve } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import type { DatasetSpec } from "../../dataset/writer.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { CUT_COLUMNS } from "./columns.ts";
import type { CutoutsConfig } from "./config.ts";
import { NoCutout, whyNot } from "./cut.ts";
import { type CutObjects, objectsIn } from "./objects.ts";
import { type Plan, planCutouts } from "./plan.ts";
import { type Written, writtenOf } from "./written.ts";

/** All that is known before a position is cut. */
export interface Ready {
  config: CutoutsConfig;
  written: Written;
  objects: CutObjects;
  plan: Plan;
  /** Positions without a frame in every band. */
  unplaced: SetAside[];
  catalog: { file: string; sha256: string };
}

/** @throws ArcletError as `cutouts`, for catalogues and frames */
export async function readyToCut(config: CutoutsConfig): Promise<Ready> {
  const written = writtenOf(config);
  const objects = await objectsIn(config, Object.keys(CUT_COLUMNS));
  const plan = await planned(objects, config);
  const unplaced = unplacedIn(objects, plan, config);
  const catalog = { file: basename(config.catalog), sha256: fileHash(config.catalog) };
  return { config, written, objects, plan, unplaced, catalog };
}

export function specOf(
  { config, written, objects, plan, catalog }: Ready,
  provenance: Record<string, string>,
): DatasetSpec {
  const { size } = config;
  return {
    name: config.name ?? basename(resolve(config.out)),
    survey: config.survey,
    bands: [...written.bands],
    pixelScale: Number(plan.pixelScale.toPrecision(6)),
    classes: [],
    pixels: written.pixels,
    shape: [written.bands.length, size, size],
    provenance: {
      ...provenance,
      config: { ...config },
      catalog,
      frames: plan.frames.length,
      unreadable: plan.unreadable.slice(0, 100).map(({ reason }) => reason),
    },
    columns: { ...objects.columns, ...CUT_COLUMNS },
  };
}

async function planned(objects: CutObjects, config: CutoutsConfig): Promise<Plan> {
  let bar: ReturnType<typeof progress> | undefined;
  const plan = await planCutouts(objects, config, async (file, files) => {
    if (file === 0) bar = progress("frames", files, "files");
    else bar!.tick();
    await safePoint("nothing was written");
  });
  bar?.tick();
  bar?.done();
  return plan;
}

/** Positions without a frame in every band. */
function unplacedIn({ ids, ra, dec, flaws }: CutObjects, plan: Plan, config: CutoutsConfig): SetAside[] {
  const placed = new Uint8Array(ids.length);
  for (const row of plan.order) placed[row] = 1;
  return ids.flatMap((id, row) => {
    if (placed[row]) return [];
    const why = Number.isNaN(ra[row]! + dec[row]!)
      ? new NoCutout("no position", flaws.get(row) ?? "ra or dec is empty")
      : whyNot(row, plan, config);
    return [setAside(row, id, why)];
  });
}

export const setAside = (row: number, id: string, { kind, message }: NoCutout): SetAside => ({
  row,
  id,
  kind,
  reason: `${kind}: ${message}`,
});
