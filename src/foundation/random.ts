/**
 * Random numbers that are a function of a key and an index: no state to save, the same on every machine. Used for orders,
 * splits and simulated objects; pixels get their randomness from libtorch's generators.
 */

/** Murmur3's 32-bit finaliser (Appleby, public domain): every input bit changes every output bit. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A key from a seed and any number of counters (whole numbers from 0; all 53 bits of each matter). */
export function keyOf(seed: number, ...counters: number[]): number {
  let h = 0x9e3779b9;
  for (const part of [seed, ...counters]) {
    h = mix(h ^ (part >>> 0)) + 0x9e3779b9;
    h = mix(h ^ Math.floor(part / 2 ** 32)) + 0x9e3779b9;
  }
  return mix(h);
}

/** A key from a seed and a text. */
export function textKey(seed: number, text: string): number {
  let h = keyOf(seed, text.length);
  for (let i = 0; i < text.length; i++) h = mix(h ^ text.charCodeAt(i)) + 0x9e3779b9;
  return mix(h);
}

/** The `index`-th number of a key's sequence, uniform in [0, 1) with 53 bits. */
export function uniformAt(key: number, index: number): number {
  const high = mix(key ^ mix(2 * index + 1)) >>> 5;
  const low = mix(Math.imul(key, 0x2c1b3c6d) ^ mix(2 * index + 2)) >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/** 0 … n − 1 in an order that the key determines (Fisher-Yates). */
export function permutation(n: number, key: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniformAt(key, i) * (i + 1));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}

/** A sequence of random draws for a seed and counters: `new Draws(seed, index)` is object `index`'s own. */
export class Draws {
  private readonly key: number;
  private next = 0;

  constructor(seed: number, ...counters: number[]) {
    this.key = keyOf(seed, ...counters);
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformAt(this.key, this.next++);
  }
  /** Uniform in the logarithm, from low to high, both positive. */
  logUniform(low: number, high: number): number {
    return low * (high / low) ** this.uniform();
  }
  /** Normal with the given mean and standard deviation (Box and Muller 1958). */
  normal(mean = 0, sigma = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + sigma * radius * Math.cos(2 * Math.PI * this.uniform());
  }
  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }
  /** A whole number from low to high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }
  /** A Poisson count (Knuth's product of uniforms; for expectations up to a few tens). */
  poisson(expectation: number): number {
    const limit = Math.exp(-expectation);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
    return count;
  }
  /** An angle in [0, π). */
  orientation(): number {
    return this.uniform(0, Math.PI);
  }
}
