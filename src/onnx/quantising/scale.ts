/**
 * Scales of integers of 8 bits: x ≈ s (q − z), of activations by a tensor with q from 0 to 255, of weights by an output channel
 * with q from −127 to 127, or −63 to 63, and z = 0 (Jacob et al. 2018, arXiv 1712.05877, section 2; Krishnamoorthi 2018, arXiv 1806.08342).
 */

/** Of an activation. */
export interface Scale {
  readonly scale: number;
  readonly zero: number;
}

const LEVELS = 255;
/**
 * The largest of a weight's integers. In 7 bits the sum of two products with activations, 2 × 63 × 255, fits into the 16 bits
 * that processors without VNNI make it in; in 8 bits they cut it off there. −128 and −64 are left out, so that the range is
 * symmetric.
 */
export const MOST_OF = { 7: 63, 8: 127 } as const;
export type WeightBits = keyof typeof MOST_OF;

/** The scale of values from `low` to `high`; 0 is represented exactly, since padding is made of it. */
export function scaleOf(low: number, high: number): Scale {
  const [least, most] = [Math.min(0, low), Math.max(0, high)];
  if (most === least) return { scale: 1, zero: 0 };
  // Float32 as the graph holds it.
  const scale = Math.fround((most - least) / LEVELS);
  return { scale, zero: Math.round(Math.min(LEVELS, Math.max(0, -least / scale))) };
}

/** How often values fell into equal bins between two ends. */
export interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly counts: Float64Array;
}

/** Ranges that are tried: from the whole to this part of it, at each end. */
const NARROWEST = 0.3;
const STEPS = 60;

/**
 * The scale of least mean squared error over a histogram: a narrower range rounds finer and cuts off the rare largest values.
 */
export function bestScale(histogram: Histogram): Scale {
  const { low, high, counts } = histogram;
  let best = scaleOf(low, high);
  let least = errorOf(histogram, best);
  for (let step = 1; step <= STEPS; step++) {
    const share = 1 - ((1 - NARROWEST) * step) / STEPS;
    const ends =
      low < 0
        ? [
            [low * share, high * share],
            [low, high * share],
          ]
        : [[low, high * share]];
    for (const [from, to] of ends as [number, number][]) {
      const scale = scaleOf(from, to);
      const error = errorOf(histogram, scale);
      if (error < least) [best, least] = [scale, error];
    }
  }
  return counts.length === 0 ? scaleOf(low, high) : best;
}

/** Σ (x − its representation)² over the middles of the bins; within a step the error's mean is s² / 12. */
function errorOf({ low, high, counts }: Histogram, { scale, zero }: Scale): number {
  const width = (high - low) / counts.length;
  const [from, to] = [-zero * scale, (LEVELS - zero) * scale];
  let sum = 0;
  for (let k = 0; k < counts.length; k++) {
    const x = low + (k + 0.5) * width;
    const off = x < from ? from - x : x > to ? x - to : 0;
    sum += counts[k]! * (off * off + (scale * scale) / 12);
  }
  return sum;
}

/** Weights as integers, with a scale for each output channel. */
export interface IntegerWeights {
  /** (O) */
  scales: Float32Array;
  /** As the weights, row-major. */
  values: Int8Array;
}

/**
 * @param weights row-major, O output channels first
 * @param bias (O), whose integers are in steps of the input's scale times the weight's, and must fit into 32 bits
 */
export function integerWeights(
  weights: Float32Array,
  outputs: number,
  input: Scale,
  bias: Float32Array | null,
  bits: WeightBits = 8,
): IntegerWeights {
  const whole = MOST_OF[bits];
  const each = weights.length / outputs;
  const scales = Float32Array.from({ length: outputs }, (_, o) => {
    let most = 0;
    for (let i = o * each; i < (o + 1) * each; i++) most = Math.max(most, Math.abs(weights[i]!));
    const forBias = Math.abs(bias?.[o] ?? 0) / (input.scale * 2 ** 30);
    return Math.max(most / whole, forBias) || 1;
  });
  const values = Int8Array.from(weights, (weight, i) => {
    const steps = Math.round(weight / scales[Math.floor(i / each)]!);
    return Math.min(whole, Math.max(-whole, steps));
  });
  return { scales, values };
}

/** The bias in steps of the products' scale. */
export const integerBias = (bias: Float32Array, input: Scale, scales: Float32Array): Int32Array =>
  Int32Array.from(bias, (value, o) => Math.round(value / (input.scale * scales[o]!)));
