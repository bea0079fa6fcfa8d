/** Log odds of one class against all others. */

/**
 * @param logits N × K, row-major
 * @param positive index of the class
 * @returns N
 */
export function logOddsOf(logits: Float32Array, K: number, positive: number): Float64Array {
  const others = [...Array(K).keys()].filter((k) => k !== positive);
  return Float64Array.from({ length: logits.length / K }, (_, i) => {
    const rest = others.map((k) => logits[i * K + k]!);
    const top = Math.max(...rest);
    return logits[i * K + positive]! - top - Math.log(rest.reduce((sum, z) => sum + Math.exp(z - top), 0));
  });
}
