/** What is settled about an import once all its images are written: identical images, splits, a zero point they share. */
import { join } from "node:path";
import { IMAGE_HASH } from "../../dataset/hash.ts";
import { type DatasetInfo, SPLITS, type Split } from "../../dataset/info.ts";
import { SET_ASIDE_FILE, type SetAside, setAsideCsv } from "../../dataset/set-aside.ts";
import { assignSplits } from "../../dataset/splitting/split.ts";
import type { DatasetWriter, Settled } from "../../dataset/writer.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import type { Candidates } from "./candidate.ts";
import type { ImportConfig } from "./config.ts";
import { uniteTwins } from "./duplicates.ts";
import { type Counts, counted } from "./finished.ts";
import { ImageHashes } from "./image-hashes.ts";
import type { Opened } from "./opening.ts";
import type { Peek } from "./peek.ts";
import { nothingLeft, type Prepared, rulesOf } from "./prepared.ts";
import { FILLED_BY } from "./screening.ts";
import { DUPLICATES_FILE, duplicatesCsv, fitOnScreen } from "./united.ts";

export interface Outcome {
  counts: Counts;
  united: string[][];
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
  { opened, candidates, before, peek, classes }: Prepared,
  flaws: readonly SetAside[],
): { outcome: Outcome; settled: Settled } {
  const { table, config } = opened;
  const { rows, twins, zeroPoint, notes } = writtenImages(writer, candidates);
  const { dropped, united, groupOf } = uniteTwins(twins, (index) => rows.at(index));
  const setAside = [...before, ...flaws, ...dropped.values()].sort((a, b) => a.row - b.row);
  const kept = Int32Array.from({ length: rows.length }, (_, index) => index).filter(
    (index) => !dropped.has(index),
  );
  const splits = splitsOf(rows, kept, groupOf, config, table.path);
  if (kept.length === 0) throw nothingLeft(table.path, setAside);
  const splitOf = (index: number) => SPLITS[splits[index]!]!;
  writeFileWhole(join(writer.folder, SET_ASIDE_FILE), setAsideCsv(table.path, setAside));
  if (!fitOnScreen(united)) writeFileWhole(join(writer.folder, DUPLICATES_FILE), duplicatesCsv(united));
  function* counting() {
    for (const index of kept) yield { split: splitOf(index), label: rows.at(index).label };
  }
  const kinds = setAside.map(({ kind }) => kind);
  return {
    outcome: { counts: counted(counting(), classes, kinds), united, notes },
    settled: {
      change: (index) =>
        dropped.has(index) ? null : { group: groupOf(rows.at(index).group), split: splitOf(index) },
      provenance: finalProvenance(opened, peek, setAside.length),
      ...(zeroPoint === null ? {} : { zeroPoint }),
    },
  };
}

/** What the log of the images says of them all: the rows that they are of, those that are the same, what they share. */
function writtenImages(writer: DatasetWriter, candidates: Candidates) {
  const hashes = new ImageHashes(writer.length);
  const chosen = new Int32Array(writer.length);
  const zeroPoints = { low: Infinity, high: -Infinity, all: true };
  let [count, next, filled] = [0, 0, 0];
  for (const row of writer.written()) {
    while (candidates.at(next).id !== row.id) next++;
    hashes.set(count, String(row[IMAGE_HASH]));
    chosen[count++] = next;
    const zero = row.zero_point;
    if (typeof zero === "number") {
      zeroPoints.low = Math.min(zeroPoints.low, zero);
      zeroPoints.high = Math.max(zeroPoints.high, zero);
    } else zeroPoints.all = false;
    if (Number(row.filled_pixels ?? 0) > 0) filled++;
  }
  const differ = zeroPoints.high - zeroPoints.low > 1e-6;
  const notes: string[] = [];
  if (differ)
    notes.push(
      `zero points differ between images, ${zeroPoints.low} to ${zeroPoints.high}; --to-zero-point scales fluxes to one`,
    );
  if (filled > 0) notes.push(`${filled} images had missing pixels, filled with ${FILLED_BY}`);
  const zeroPoint = zeroPoints.all && !differ && count > 0 ? zeroPoints.low : null;
  return { rows: candidates.chosen(chosen), twins: hashes.twins(), zeroPoint, notes };
}

/**
 * Each row's split, as its place in `SPLITS`: the table's, or by fractions where that has none.
 *
 * @param kept the rows that stay; others have none
 * @throws ArcletError when the table's splits contradict the settings
 */
function splitsOf(
  rows: Candidates,
  kept: Int32Array,
  groupOf: (name: string) => string,
  config: ImportConfig,
  path: string,
): Uint8Array {
  const splits = new Uint8Array(rows.length);
  const place = (split: Split) => SPLITS.indexOf(split);
  let given = true;
  for (const index of kept) {
    const { split } = rows.at(index);
    if (split === undefined) given = false;
    else splits[index] = place(split);
  }
  if (given && config.valFraction === 0) return splits;
  if (given && kept.some((index) => splits[index] === place("val")))
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: "has val rows already, so valFraction must be 0",
    });
  const [train, val, test] = given ? [1 - config.valFraction, config.valFraction, 0] : config.fractions;
  const open = given ? kept.filter((index) => splits[index] === place("train")) : kept;
  const groups = Array.from(open, (index) => groupOf(rows.at(index).group));
  const labels = Array.from(open, (index) => rows.at(index).label);
  const assigned = assignSplits(groups, labels, { train, val, test }, config.seed);
  for (const [k, index] of open.entries()) splits[index] = place(assigned[k]!);
  return splits;
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
