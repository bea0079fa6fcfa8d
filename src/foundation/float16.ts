/** Half-precision floats (IEEE 754 binary16), which Node 20's typed arrays don't have. */

/** The value of each of the 65,536 bit patterns. */
let table: Float32Array | null = null;

function float16Of(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Bit patterns as single precision, which holds all their values. */
export function fromFloat16(bits: ArrayLike<number>): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 65536 }, (_, pattern) => float16Of(pattern));
  const values = new Float32Array(bits.length);
  for (let i = 0; i < values.length; i++) values[i] = table[bits[i]!]!;
  return values;
}
