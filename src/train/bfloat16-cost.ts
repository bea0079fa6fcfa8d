/**
 * Whether bfloat16 is worth timing on this machine: a network's step in it can take twenty times as long as in float32, on a
 * processor without instructions for it. A convolution of a few milliseconds shows that first.
 */
import { autocast } from "../torch/autograd.ts";
import { machine, setThreads } from "../torch/machine.ts";
import { conv2d } from "../torch/neural.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";

/** Rounds; the fastest counts, since other work on the machine can only slow one down. */
const ROUNDS = 6;
/** Times float32's cost from which on nothing is timed; far more than conversions between the two cost something this small. */
const HOPELESS = 5;

/** What the machine's processor takes; it stays the same while a program runs. */
let ofProcessor: number | null = null;

/** How many times as long as in float32 a small convolution with its gradient takes; 1 on a GPU, which is not asked. */
export function bfloat16Cost(device: string): number {
  if (device !== "cpu") return 1;
  if (ofProcessor !== null) return ofProcessor;
  // Threads that wait for each other on a busy machine would hide the difference.
  const { threads } = machine();
  setThreads(1);
  try {
    ofProcessor = measured();
  } finally {
    setThreads(threads);
  }
  return ofProcessor;
}

/** @param cost as `bfloat16Cost` */
export const isHopeless = (cost: number): boolean => cost >= HOPELESS;

/** A convolution 3 × 3, 32 to 32 channels, of 2 images of 16 × 16, in both precisions in turn. */
function measured(): number {
  return tidy(() => {
    const random = new Generator(0);
    const x = random.normal([2, 32, 16, 16]).withGrad();
    const weight = random.normal([32, 32, 3, 3]).withGrad();
    const time = (precision: "bfloat16" | null): number => {
      const start = performance.now();
      tidy(() =>
        autocast(precision, () => conv2d(x, weight, { padding: 1 }))
          .sum()
          .backward(),
      );
      return performance.now() - start;
    };
    let [float32, bfloat16] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round <= ROUNDS; round++) {
      const [plain, lowered] = [time(null), time("bfloat16")];
      // The first prepares kernels.
      if (round === 0) continue;
      float32 = Math.min(float32, plain);
      bfloat16 = Math.min(bfloat16, lowered);
    }
    return bfloat16 / float32;
  });
}
