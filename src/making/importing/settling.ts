/** What is settled about an import once all its images are written: identical images, splits, a zero point they share. */
import { join } from "node:path";
import { IMAGE_HASH } from "../../dataset/hash.ts";
import type { DatasetInfo } from "../../dataset/info.ts";
import { SET_ASIDE_FILE, type SetAside, setAsideCsv } from "../../dataset/set-aside.ts";
import { assignSplits } from "../../dataset/splitting/split.ts";
import type { DatasetWriter, Settled } from "../../dataset/writer.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import type { Candidate } from "./candidates.ts";
import type { ImportConfig } from "./config.ts";
import { type Hashed, uniteTwins } from "./duplicates.ts";
import type { Opened } from "./opening.ts";
import type { Peek } from "./peek.ts";
import { nothingLeft, type Prepared, rulesOf } from "./prepared.ts";
import { FILLED_BY } from "./screening.ts";
import { DUPLICATES_FILE, duplicatesCsv, fitOnScreen } from "./united.ts";

export interface Outcome {
  kept: readonly Hashed[];
  setAside: SetAside[];
  united: string[][];
  /** By the image's index: its row, or null if it is taken out. */
  finals: (Hashed | null)[];
  /** The zero point that all images have. */
  zeroPoint: number | null;
  notes: string[];
}

/**
 * Once all images are written: settles, and writes the lists that lie beside the table.
 *
 * @param flaws rows that were set aside for their images
 * @throws ArcletError when no row is left, or the table's splits contradict the settings
 */
export function settled(
  writer: DatasetWriter,
  { opened, candidates, before, peek }: Prepared,
  flaws: readonly SetAside[],
): { outcome: Outcome; settled: Settled } {
  const { table, config } = opened;
  const outcome = settle(writer, candidates, [...before, ...flaws], config, table.path);
  const { setAside, united, finals, zeroPoint } = outcome;
  writeFileWhole(join(writer.folder, SET_ASIDE_FILE), setAsideCsv(table.path, setAside));
  if (!fitOnScreen(united)) writeFileWhole(join(writer.folder, DUPLICATES_FILE), duplicatesCsv(united));
  return {
    outcome,
    settled: {
      change: (index) => {
        const row = finals[index] ?? null;
        return row && { group: row.group, split: row.split! };
      },
      provenance: finalProvenance(opened, peek, setAside.length),
      ...(zeroPoint === null ? {} : { zeroPoint }),
    },
  };
}

/** Deals with identical images, and gives each row its split. */
function settle(
  writer: DatasetWriter,
  candidates: readonly Candidate[],
  setAside: SetAside[],
  config: ImportConfig,
  path: string,
): Outcome {
  const hashed: Hashed[] = [];
  const zeroPoints = { low: Infinity, high: -Infinity, all: true };
  let [next, filled] = [0, 0];
  for (const row of writer.written()) {
    while (candidates[next]!.id !== row.id) next++;
    hashed.push({ ...candidates[next]!, hash: String(row[IMAGE_HASH]) });
    const zero = row.zero_point;
    if (typeof zero === "number") {
      zeroPoints.low = Math.min(zeroPoints.low, zero);
      zeroPoints.high = Math.max(zeroPoints.high, zero);
    } else zeroPoints.all = false;
    if (Number(row.filled_pixels ?? 0) > 0) filled++;
  }
  const twins = uniteTwins(hashed);
  setAside.push(...twins.setAside);
  setAside.sort((a, b) => a.row - b.row);
  const { kept } = twins;
  fillSplits(kept, config, path);
  if (kept.length === 0) throw nothingLeft(path, setAside);
  let place = 0;
  const finals = hashed.map((row) => (kept[place] === row ? kept[place++]! : null));
  const differ = zeroPoints.high - zeroPoints.low > 1e-6;
  const notes: string[] = [];
  if (differ)
    notes.push(
      `zero points differ between images, ${zeroPoints.low} to ${zeroPoints.high}; --to-zero-point scales fluxes to one`,
    );
  if (filled > 0) notes.push(`${filled} images had missing pixels, filled with ${FILLED_BY}`);
  const zeroPoint = zeroPoints.all && !differ && hashed.length > 0 ? zeroPoints.low : null;
  return { kept, setAside, united: twins.united, finals, zeroPoint, notes };
}

/** Gives a split to each row that has none from the table. */
function fillSplits(rows: readonly Hashed[], config: ImportConfig, path: string): void {
  const given = rows.every((row) => row.split !== undefined);
  if (given && config.valFraction === 0) return;
  if (given && rows.some((row) => row.split === "val"))
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: "has val rows already, so valFraction must be 0",
    });
  const [train, val, test] = given ? [1 - config.valFraction, config.valFraction, 0] : config.fractions;
  const open = given ? rows.filter((row) => row.split === "train") : rows;
  const groups = open.map((row) => row.group);
  const labels = open.map((row) => row.label);
  const splits = assignSplits(groups, labels, { train, val, test }, config.seed);
  open.forEach((row, i) => {
    row.split = splits[i]!;
  });
}

/** Provenance that is known once everything is read. */
function finalProvenance(
  { config, sources, notes }: Opened,
  peek: Peek,
  setAside: number,
): DatasetInfo["provenance"] {
  const lines = [...notes, ...peek.notes];
  if (config.maxNan > 0) lines.push(`missing pixels are filled with ${FILLED_BY}`);
  return { options: rulesOf(config), sources: sources(), found: lines, setAside };
}
