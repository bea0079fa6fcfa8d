/** Probabilities from logits in plain numbers. */

/** Of rows of K, row-major. */
export function softmax(logits: Float32Array, K: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let i = 0; i < logits.length; i += K) {
    const row = Array.from(logits.subarray(i, i + K));
    const top = Math.max(...row);
    const powers = row.map((z) => Math.exp(z - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    out.set(
      powers.map((power) => power / sum),
      i,
    );
  }
  return out;
}
