/**
 * Random whole numbers that are a function of their place: no state to save, the same on every machine. Used
 * for orders and splits; pixels get their randomness from libtorch's generators.
 */

/** Murmur3's 32-bit finaliser (Appleby, public domain): every input bit changes every output bit. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A key from a seed and any number of counters (whole numbers from 0; all 53 bits of each count). */
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

/** 0 … n − 1 in an order that the key decides (Fisher and Yates). */
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
