/** CRC-32 (ISO 3309, as zip and gzip have it), of bytes that come in pieces. */

/** Four tables, so that four bytes are taken at a time (slicing-by-4, Kounavis and Berry 2005). */
const TABLES = tables();

function tables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  const all = [first];
  for (let k = 1; k < 4; k++) {
    const before = all[k - 1]!;
    all.push(before.map((value) => (value >>> 8) ^ first[value & 255]!));
  }
  return all;
}

/** @param before the sum of the bytes so far; 0 at the start */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [a, b, c, d] = TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let sum = ~before;
  const even = bytes.length & ~3;
  for (let i = 0; i < even; i += 4) {
    sum ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    sum = d[sum & 255]! ^ c[(sum >>> 8) & 255]! ^ b[(sum >>> 16) & 255]! ^ a[sum >>> 24]!;
  }
  for (let i = even; i < bytes.length; i++) sum = (sum >>> 8) ^ a[(sum ^ bytes[i]!) & 255]!;
  return ~sum >>> 0;
}
