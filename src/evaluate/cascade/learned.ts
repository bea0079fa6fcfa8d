/** A student of the learned rows, of which memory holds the pooled images. */
import { refuse } from "../../foundation/errors.ts";
import { evenlySpaced } from "../../foundation/thinning.ts";
import { empty } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Precision } from "../../train/precision.ts";
import type { CascadeConfig } from "./config.ts";
import { BATCH, distil, isBetween } from "./distil.ts";
import { poolOf, SEEN, type Student } from "./student.ts";
import { pooledRows } from "./student-odds.ts";
import { type BarOf, indicesOf, type Taught } from "./taught.ts";

/** Images in memory that a student learns from. */
const MOST_LEARNED = 100_000;

/**
 * @param precision of the finder's arithmetic, which is the student's too
 * @returns in eval mode; the caller disposes it
 * @throws Interrupted when the user stops it
 */
export async function learned(
  taught: readonly Taught[],
  { epochs, seed }: CascadeConfig,
  precision: Precision,
  barOf: BarOf,
): Promise<Student> {
  const { shape } = taught[0]!.domain.info;
  const pool = poolOf(shape[1], shape[2]);
  const chosen = thinned(
    taught.flatMap((one, k) => indicesOf(one, "learned").map((i) => ({ k, i, odds: one.odds[i]! }))),
  );
  if (chosen.length === 0) refuse("cascade", "rows", "enough to learn from", 0);
  const [height, width] = [shape[1], shape[2]].map((side) => Math.min(SEEN, Math.floor(side / pool)));
  const images = tidy(() => empty([chosen.length, shape[0], height!, width!]));
  const bar = barOf("distil", epochs * Math.ceil(chosen.length / BATCH) * BATCH);
  try {
    taught.forEach((one, k) => {
      const own = [...chosen.keys()].filter((at) => chosen[at]!.k === k);
      fill(
        images,
        own,
        one,
        own.map((at) => one.rows[chosen[at]!.i]!),
        pool,
      );
    });
    const odds = Float64Array.from(chosen, (one) => one.odds);
    return await distil(images, odds, { epochs, seed, pool, precision, tick: (n) => bar.tick(n) });
  } finally {
    bar.done();
    images.dispose();
  }
}

/** Copies a dataset's pooled images to their places, which are one run. */
function fill(
  images: Tensor,
  places: readonly number[],
  { domain }: Taught,
  rows: readonly number[],
  pool: number,
): void {
  for (let start = 0; start < rows.length; start += BATCH) {
    const part = rows.slice(start, start + BATCH);
    tidy(
      () =>
        void images
          .narrow(0, places[start]!, part.length)
          .copy_(pooledRows(domain, part, { pool, seen: SEEN })),
    );
  }
}

/** At most so many, at least half of them between if there are that many; in order. */
function thinned<T extends { odds: number }>(all: readonly T[]): T[] {
  const [between, others] = [true, false].map((is) =>
    [...all.keys()].filter((i) => isBetween(all[i]!.odds) === is),
  ) as [number[], number[]];
  const half = MOST_LEARNED / 2;
  const few = Math.min(between.length, Math.max(half, MOST_LEARNED - others.length));
  const kept = [...evenlySpaced(between, few), ...evenlySpaced(others, MOST_LEARNED - few)];
  return kept.sort((a, b) => a - b).map((i) => all[i]!);
}
