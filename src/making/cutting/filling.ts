/** Cutting positions into a dataset, or into a piece of one. */
import { basename, join } from "node:path";
import type { Value } from "../../catalog/table.ts";
import { SPLITS, type Split } from "../../dataset/info.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import { loggedSetAside, SET_ASIDE_LOG, SetAsideLog } from "../../dataset/set-aside-log.ts";
import type { DatasetRow, DatasetWriter } from "../../dataset/writer.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { Progress } from "../../foundation/progress.ts";
import { textKey } from "../../foundation/random.ts";
import { CUT_ANGLE, CUT_FRAME, CUT_MIRRORED } from "./columns.ts";
import type { CutoutsConfig } from "./config.ts";
import { type Cutout, Cutter, NoCutout } from "./cut.ts";
import type { CutObjects } from "./objects.ts";
import type { Plan } from "./plan.ts";
import { type Ready, setAside } from "./ready.ts";

const BATCH = 64;

/** A position that turned out to have no cutout. */
interface NoImage extends SetAside {
  /** Images that were written before it: if fewer are whole, it will be found again. */
  before: number;
}

/** @param folder of a whole piece */
export const asideIn = (folder: string): SetAside[] => loggedSetAside<NoImage>(folder).map(withoutBefore);

const withoutBefore = ({ before: _, ...entry }: NoImage): SetAside => entry;

interface Cutting {
  /** Rows of the catalogue to cut, in this order; those that the writer has are the first of them. */
  positions: Int32Array;
  bar: (total: number, already: number) => Progress;
  /** As in `safePoint`, for a number of images. */
  saved: (images: number) => string;
}

/** Cuts what is left to cut. @returns everything set aside on the way, before an interruption too */
export async function fill(
  writer: DatasetWriter,
  { plan, objects, config, written }: Ready,
  { positions, bar: begun, saved }: Cutting,
): Promise<SetAside[]> {
  const whole = writer.length;
  const log = new SetAsideLog<NoImage>(join(writer.folder, SET_ASIDE_LOG), ({ before }) => before >= whole);
  const cutter = new Cutter(plan, config);
  try {
    let next = writer.length + log.entries.length;
    refuseDamaged(writer, objects.ids[positions[next - 1] ?? -1]);
    const bar = begun(positions.length, next);
    while (next < positions.length) {
      const cut: { cutout: Cutout; row: DatasetRow }[] = [];
      const aside: NoImage[] = [];
      const end = Math.min(positions.length, next + BATCH);
      bar.tick(end - next);
      for (; next < end; next++) {
        const row = positions[next]!;
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
      await safePoint(saved(writer.length));
    }
    bar.done();
    return log.entries.map(withoutBefore);
  } finally {
    cutter.close();
    log.close();
  }
}

/** @throws ArcletError unless the last row that was written is the last position that was cut */
function refuseDamaged(writer: DatasetWriter, expected: string | undefined): void {
  if (writer.length === 0) return;
  let last: Value = null;
  for (const { id } of writer.written()) last = id!;
  if (last === expected) return;
  throw new ArcletError({
    where: writer.folder,
    code: "broken",
    problem: "is damaged",
    fix: "remove it and start again",
  });
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
  return Object.assign(objects.valuesOf(row), {
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
  });
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
