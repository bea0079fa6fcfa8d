/** Cutouts of survey frames at the positions of a catalogue, as a dataset folder. */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { type DatasetInfo, SPLITS, type Split } from "../../dataset/info.ts";
import { countByKind, SET_ASIDE_FILE, type SetAside, setAsideCsv } from "../../dataset/set-aside.ts";
import { SET_ASIDE_LOG, SetAsideLog } from "../../dataset/set-aside-log.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import { type DatasetRow, type DatasetWriter, writeDataset } from "../../dataset/writer.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { textKey } from "../../foundation/random.ts";
import { CUT_ANGLE, CUT_COLUMNS, CUT_FRAME, CUT_MIRRORED } from "./columns.ts";
import type { CutoutsConfig } from "./config.ts";
import { type Cutout, Cutter, NoCutout, whyNot } from "./cut.ts";
import { type CutObjects, objectsIn } from "./objects.ts";
import { type Plan, planCutouts } from "./plan.ts";
import { type Written, writtenOf } from "./written.ts";

export interface CutoutsReport {
  info: DatasetInfo;
  /** Positions set aside, by the kind of reason. */
  setAside: Record<string, number>;
  frames: number;
  unreadable: Plan["unreadable"];
  /** How many files have no frame of these bands. */
  others: number;
  /** How the catalogue's columns were understood, one sentence each. */
  notes: readonly string[];
}

const BATCH = 64;
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
  const written = writtenOf(config);
  const objects = await objectsIn(config, Object.keys(CUT_COLUMNS));
  const plan = await planned(objects, config);
  const unplaced = unplacedIn(objects, plan, config);
  const catalog = { file: basename(config.catalog), sha256: fileHash(config.catalog) };
  const { size } = config;
  const spec = {
    name: config.name ?? basename(resolve(config.out)),
    survey: config.survey,
    bands: [...written.bands],
    pixelScale: Number(plan.pixelScale.toPrecision(6)),
    classes: [],
    pixels: written.pixels,
    shape: [written.bands.length, size, size] as DatasetInfo["shape"],
    provenance: {
      ...provenance,
      config: { ...config },
      catalog,
      frames: plan.frames.length,
      unreadable: plan.unreadable.slice(0, 100).map(({ reason }) => reason),
    },
    columns: { ...objects.columns, ...CUT_COLUMNS },
  };
  let all: SetAside[] = [];
  const info = await writeDataset(
    config.out,
    spec,
    async (writer) => {
      all = [...unplaced, ...(await fill(writer, plan, objects, config, written))].sort(
        (a, b) => a.row - b.row,
      );
      if (writer.length === 0) throw nothingCut(config, all);
      writeFileWhole(join(writer.folder, SET_ASIDE_FILE), setAsideCsv(config.catalog, all));
    },
    undefined,
    identityOf(config, plan, catalog.sha256, provenance),
  );
  const { frames, unreadable, others } = plan;
  return {
    info,
    setAside: countByKind(all),
    frames: frames.length,
    unreadable,
    others,
    notes: objects.notes,
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

const setAside = (row: number, id: string, { kind, message }: NoCutout): SetAside => ({
  row,
  id,
  kind,
  reason: `${kind}: ${message}`,
});

/** A position that turned out to have no cutout. */
interface NoImage extends SetAside {
  /** Images that were written before it: if fewer are whole, it will be found again. */
  before: number;
}

/** Cuts what is left to cut. @returns everything set aside on the way, before an interruption too */
async function fill(
  writer: DatasetWriter,
  plan: Plan,
  objects: CutObjects,
  config: CutoutsConfig,
  written: Written,
): Promise<SetAside[]> {
  const { order } = plan;
  const whole = writer.length;
  const log = new SetAsideLog<NoImage>(join(writer.folder, SET_ASIDE_LOG), ({ before }) => before >= whole);
  const cutter = new Cutter(plan, config);
  try {
    let next = writer.length + log.entries.length;
    const bar = progress("cut", order.length, "positions", next);
    while (next < order.length) {
      const cut: { cutout: Cutout; row: DatasetRow }[] = [];
      const aside: NoImage[] = [];
      const end = Math.min(order.length, next + BATCH);
      bar.tick(end - next);
      for (; next < end; next++) {
        const row = order[next]!;
        try {
          const cutout = cutter.cut(row, objects.ra[row]!, objects.dec[row]!);
          cut.push({ cutout, row: rowOf(row, cutout, plan, objects, config) });
        } catch (error) {
          if (!(error instanceof NoCutout)) throw error;
          aside.push({ ...setAside(row, objects.ids[row]!, error), before: writer.length + cut.length });
        }
      }
      log.append(aside);
      for (const { cutout, row } of cut) writer.append(written.of(cutout.pixels), [row]);
      await safePoint(`${writer.length} images are in ${config.out}.partial; the same command resumes`);
    }
    bar.done();
    return log.entries.map(({ before: _, ...entry }) => entry);
  } finally {
    cutter.close();
    log.close();
  }
}

function rowOf(
  row: number,
  { centre, x, y, axes, missing }: Cutout,
  plan: Plan,
  objects: CutObjects,
  config: CutoutsConfig,
): DatasetRow {
  const frame = plan.frames[plan.frameOf[row * config.bands.length]!]!;
  // By the middle of the cutout: positions that give the same pixels are in one group
  const group = cellOf(centre.ra, centre.dec, config.groupSize);
  return {
    ...objects.valuesOf(row),
    id: objects.ids[row]!,
    group,
    split: splitOf(group, config),
    ra: objects.ra[row]!,
    dec: objects.dec[row]!,
    [CUT_FRAME]: basename(frame.path) + (frame.hdu === 0 ? "" : `[${frame.hdu}]`),
    cut_x: Number(x.toFixed(4)),
    cut_y: Number(y.toFixed(4)),
    [CUT_ANGLE]: axes && Number(axes.angle.toFixed(4)),
    [CUT_MIRRORED]: axes?.mirrored ?? null,
    missing,
  };
}

/** The sky cell of a position: rings of declination, cut into pieces as long as they are high. */
export function cellOf(ra: number, dec: number, side: number): string {
  const ring = Math.floor(((dec + 90) * 3600) / side);
  const middle = (((ring + 0.5) * side) / 3600 - 90) * (Math.PI / 180);
  const pieces = Math.max(1, Math.round((360 * 3600 * Math.cos(middle)) / side));
  return `sky-${side}-${ring}-${Math.floor((ra / 360) * pieces) % pieces}`;
}

/** By the group's name alone: more positions or frames move no group. */
function splitOf(group: string, { fractions, seed }: CutoutsConfig): Split {
  const u = textKey(seed, group) / 2 ** 32;
  let end = 0;
  for (const [k, name] of SPLITS.entries()) {
    end += fractions[k]!;
    if (u < end) return name;
  }
  return SPLITS.findLast((_, k) => fractions[k]! > 0)!;
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

function nothingCut({ catalog }: CutoutsConfig, all: readonly SetAside[]): ArcletError {
  const why = all.length === 0 ? "it has no rows" : `e.g. row ${all[0]!.row + 1}: ${all[0]!.reason}`;
  return new ArcletError({ where: catalog, code: "empty", problem: `no position can be cut; ${why}` });
}
