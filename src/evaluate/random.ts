/** A small generator of its own for resampling, so that intervals need no tensor engine and repeat by their seed. */

/**
 * Uniform numbers in [0, 1) with 53 random bits, from a seed: Marsaglia's xorshift in its 128-bit form
 * (Marsaglia 2003, Journal of Statistical Software 8, 14), its state filled by a Weyl sequence that is mixed.
 */
export function uniform(seed: number): () => number {
  let weyl = seed >>> 0;
  const mixed = () => {
    weyl = (weyl + 0x9e3779b9) >>> 0;
    let h = weyl;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };
  let [x, y, z, w] = [mixed(), mixed(), mixed(), mixed() | 1];
  const next = () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  };
  return () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000;
}
