/** Which of a dataset's rows a model's graded rows touch: what it learned from can't judge it. */
import { tidy } from "../../torch/scope.ts";
import type { ImageDomain, Rows } from "../dataset.ts";
import type { ShardValues } from "../npy-writer.ts";
import { Fingerprinter, Fingerprints, LEAST_SIZE } from "../splitting/grouping/fingerprint.ts";
import { nearPairs } from "../splitting/grouping/near.ts";
import { ALIKE, findLeaks, SAME_POSITION } from "../splitting/leaks/find.ts";
import { type Compared, type Leak, titleOf } from "../splitting/leaks/leak.ts";
import { decoded, type GradedRecord } from "./record.ts";

export interface Touched {
  /** Graded rows of the dataset itself, and its other rows of their groups. */
  graded: number[];
  left: number[];
  /** Rows that share something with graded rows of another dataset. */
  shared: { row: number; leak: Leak }[];
  /** What could not be compared, one line each. */
  notes: string[];
}

/**
 * Compares some of a dataset's rows with graded ones. Those of the dataset itself are known by their ids. With those of
 * another dataset, ids, groups, sky positions (to 3 arcsec) and images are compared, as `arclet check` does.
 *
 * @param alike whether nearly identical images are searched for as well: each row's image is then read
 */
export async function touching(
  record: GradedRecord,
  domain: ImageDomain,
  rows: Rows,
  { alike }: { alike: boolean },
): Promise<Touched> {
  const all = Array.from(rows);
  if (record.target.contentHash === domain.info.contentHash) {
    const graded = new Set(record.rows.map(({ id }) => id));
    const left = new Set(record.left);
    const of = (ids: ReadonlySet<string>) => all.filter((row) => ids.has(domain.ids[row]!));
    return { graded: of(graded), left: of(left), shared: [], notes: [] };
  }
  const [own, theirs] = [comparedRows(domain, all), comparedRecord(record)];
  const { leaks } = await findLeaks([], [own, theirs], { radius: SAME_POSITION, alike: null });
  const near = alike ? await alikeLeaks(record, domain, all, own, theirs) : { leaks: [], notes: [] };
  const shared = new Map<number, Leak>();
  for (const leak of [...leaks, ...near.leaks]) {
    const mine = leak.a.origin === own ? leak.a : leak.b;
    const row = all[mine.row]!;
    if (!shared.has(row)) shared.set(row, leak);
  }
  const sorted = [...shared].sort(([a], [b]) => a - b);
  return {
    ...{ graded: [], left: [], notes: near.notes },
    shared: sorted.map(([row, leak]) => ({ row, leak })),
  };
}

function comparedRows(domain: ImageDomain, rows: readonly number[]): Compared {
  const { ids, groups, splits, info, folder } = domain;
  const hashes = domain.imageHashes();
  const positions = domain.positions();
  const degrees = (values: readonly (number | null)[]) =>
    Float64Array.from(rows, (row) => values[row] ?? Number.NaN);
  return {
    name: titleOf(info.name, folder),
    ids: rows.map((row) => ids[row]!),
    groups: rows.map((row) => groups[row]!),
    splits: rows.map((row) => splits[row]!),
    hashes: rows.map((row) => hashes[row]!),
    positions: positions === undefined ? null : { ra: degrees(positions.ra), dec: degrees(positions.dec) },
    count: rows.length,
  };
}

function comparedRecord({ target, rows }: GradedRecord): Compared {
  const degrees = (of: "ra" | "dec") => Float64Array.from(rows, (row) => row[of] ?? Number.NaN);
  return {
    name: `the graded rows of ${target.name}`,
    ids: rows.map(({ id }) => id),
    groups: rows.map(({ group }) => group),
    splits: null,
    hashes: rows.map(({ image }) => image),
    positions: { ra: degrees("ra"), dec: degrees("dec") },
    count: rows.length,
  };
}

/** Images read at a time. */
const AT_ONCE = 64;

/** Rows whose images are nearly those of graded rows. */
async function alikeLeaks(
  { rows: graded, field }: GradedRecord,
  domain: ImageDomain,
  rows: readonly number[],
  own: Compared,
  theirs: Compared,
): Promise<{ leaks: Leak[]; notes: string[] }> {
  const { shape, pixelScale } = domain.info;
  const [side, pixels] = [Math.min(shape[1], shape[2]), (field ?? 0) / pixelScale];
  if (field === null || pixels < LEAST_SIZE || pixels > side + 1e-6)
    return {
      leaks: [],
      notes: [
        `${own.name}: nearly identical images were not searched for: they show too little of the same sky`,
      ],
    };
  const prints = new Fingerprints(rows.length + graded.length);
  const printer = new Fingerprinter(shape, pixels);
  const size = shape[0] * shape[1] * shape[2];
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const part = rows.slice(start, start + AT_ONCE);
    const images = tidy(() => domain.images(part).data()) as ShardValues;
    part.forEach((_, i) => {
      prints.set(start + i, printer.take(images.subarray(i * size, (i + 1) * size)));
    });
  }
  graded.forEach(({ print }, i) => {
    prints.set(rows.length + i, decoded(print));
  });
  const leaks: Leak[] = [];
  const isGraded = (i: number) => i >= rows.length;
  await nearPairs(prints, {
    least: ALIKE,
    relevant: (a, b) => isGraded(a) !== isGraded(b),
    report: (a, b, value) => {
      const [mine, other] = isGraded(a) ? [b, a] : [a, b];
      leaks.push({
        kind: "alike",
        a: { origin: own, row: mine },
        b: { origin: theirs, row: other - rows.length },
        value,
      });
    },
  });
  return { leaks, notes: [] };
}
