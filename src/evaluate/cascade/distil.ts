/**
 * A student learns what a finder says of images, without their labels: its log odds (Ba & Caruana 2014, arXiv:1312.6184).
 *
 * Our deviations: odds that are surely below or above the threshold need not be told apart, so only the wrong side of them
 * counts; and half of every batch are images between, however rare they are.
 */
import { safePoint } from "../../foundation/interrupt.ts";
import { Draws, keyOf, permutation } from "../../foundation/random.ts";
import { median } from "../../foundation/statistics.ts";
import { AdamW } from "../../nn/optim/adamw.ts";
import { cosine } from "../../nn/schedule.ts";
import { tensor } from "../../torch/create.ts";
import { Generator } from "../../torch/random.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { LAYERS, SEEN, Student, type StudentConfig } from "./student.ts";

export const BATCH = 256;
const RATE = 4e-3;
/** Bands' noise is taken from so many images. */
const MEASURED = 256;
/** Log odds over the finder's threshold that a student need not go beyond: e⁻⁶ is surely below, e² surely above. */
const LOWEST = -6;
const HIGHEST = 2;
/** No student's log odds are beyond it. */
const BEYOND = 1e9;

/** Whether a student is to tell an image from others by its own log odds. */
export const isBetween = (odds: number): boolean => odds > LOWEST && odds < HIGHEST;

export interface Distilling {
  epochs: number;
  seed: number;
  /** As in `StudentConfig`. */
  pool: number;
  precision: StudentConfig["precision"];
  /** Called after each batch with how many images it had. */
  tick: (images: number) => void;
}

/**
 * @param images (N, C, h, w) float32, as `pooled` makes them
 * @param odds of the finder over its threshold: log odds less the threshold's (N); images above it have 0 or more
 * @returns in eval mode; the caller disposes it
 * @throws Interrupted when the user stops it
 */
export async function distil(
  images: Tensor,
  odds: Float64Array,
  { epochs, seed, pool, precision, tick }: Distilling,
): Promise<Student> {
  const config = { pool, seen: SEEN, scale: scaleOf(images), layers: LAYERS, precision };
  const student = tidy(() => new Student(config, new Generator(keyOf(seed, 1)))).layout("channels_last");
  const optimizer = new AdamW(student.namedParameters(), { lr: RATE, weightDecay: 1e-2 });
  const steps = epochs * Math.ceil(odds.length / BATCH);
  const rate = cosine({ total: steps, warmup: Math.ceil(steps / 20) });
  const draw = halves(odds, seed);
  const turns = new Draws(seed, 4);
  try {
    for (let step = 0; step < steps; step++) {
      const rows = draw(step);
      const turned = [turns.integer(0, 3), turns.integer(0, 1)] as const;
      tidy(() => {
        student.train();
        const x = turnedBy(images.indexSelect(0, tensor(BigInt64Array.from(rows, BigInt))), turned);
        optimizer.zeroGrad();
        lossOf(
          student.forward(x),
          Array.from(rows, (row) => odds[row]!),
        ).backward();
        optimizer.factor = rate(step);
        optimizer.step();
        optimizer.zeroGrad();
      });
      tick(rows.length);
      await safePoint("nothing was written");
    }
    return student.train(false);
  } catch (error) {
    student.dispose();
    throw error;
  } finally {
    optimizer.dispose();
  }
}

/** Of each band the spread of the faint pixels: 1.48 times the median of their absolute values. */
function scaleOf(images: Tensor): number[] {
  const count = Math.min(MEASURED, images.shape[0]!);
  return Array.from({ length: images.shape[1]! }, (_, band) => {
    const values = tidy(
      () => images.narrow(0, 0, count).select(1, band).abs().contiguous().data() as Float32Array,
    );
    return 1.4826 * median(values) || 1;
  });
}

/** The mean square of how far a student's log odds (B) are from the finder's, or from the near end of what is as good. */
function lossOf(own: Tensor, finder: readonly number[]): Tensor {
  const bound = (of: (odds: number) => number) => tensor(Float32Array.from(finder, of));
  const least = bound((odds) => (odds <= LOWEST ? -BEYOND : Math.min(odds, HIGHEST)));
  const most = bound((odds) => (odds >= HIGHEST ? BEYOND : Math.max(odds, LOWEST)));
  return own.sub(own.maximum(least).minimum(most).detach()).square().mean();
}

/** Batches by step: half between and half of the others, each in an order of its own; of one kind if there is only one. */
function halves(odds: Float64Array, seed: number): (step: number) => Int32Array {
  const all = [...odds.keys()];
  const kinds = [true, false]
    .map((between) => all.filter((i) => isBetween(odds[i]!) === between))
    .filter((kind) => kind.length > 0);
  const each = Math.ceil(BATCH / kinds.length);
  const drawers = kinds.map((kind, k) => {
    let round = -1;
    let order: Int32Array = new Int32Array();
    return (n: number) => {
      const now = Math.floor(n / kind.length);
      if (now !== round) {
        round = now;
        order = permutation(kind.length, keyOf(seed, 2 + k, round));
      }
      return kind[order[n % kind.length]!]!;
    };
  });
  return (step) =>
    Int32Array.from(drawers.flatMap((at) => Array.from({ length: each }, (_, i) => at(step * each + i))));
}

/** By quarters of a turn, if the sides are equal, and mirrored. */
function turnedBy(x: Tensor, [quarters, mirrored]: readonly [number, number]): Tensor {
  const square = x.shape[2] === x.shape[3];
  const turned = x.rot90(square ? quarters : 2 * (quarters % 2));
  return mirrored === 1 ? turned.flip(3) : turned;
}
