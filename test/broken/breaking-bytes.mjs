/** Breaks the bytes of a file in one of the ways that files break, or that somebody who means harm would. */

/** Numbers that sizes, counts and offsets of a format may be replaced by. */
const SIZES = [0, 1, 2, 7, 255, 256, 4096, 65535, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const NUMBERS =
  "-1 0 1 7 255 65536 2147483648 4294967295 9007199254740993 99999999999999999999 1e308 1e999 -0 NaN 0x7f".split(
    " ",
  );
const TEXTS = [
  '"',
  "'",
  "\0",
  "\u001b[2J",
  "\r\n",
  "../../etc/passwd",
  "<script>",
  "__proto__",
  "null",
  "{}",
  "[[[[[[[[",
  "&a [*a,*a]",
  "x".repeat(3000),
  "\ufeff",
  "🌀",
  "'; DROP TABLE x; --",
];

const FEW = 0.3;

/** @param others whole files of the same kind, to take parts of @returns a copy with a fault */
export function brokenBytes(whole, random, others) {
  const bytes = Buffer.from(whole);
  // Much of a file may be zeros that mean nothing.
  const at = (room = 1) => {
    let offset = 0;
    for (let tries = 0; tries < 20; tries++) {
      offset = random.below(Math.max(1, bytes.length - room));
      if (bytes[offset] !== 0 || random.below(4) === 0) break;
    }
    return offset;
  };
  const replaced = (from, to, by) => Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
  switch (random.below(11)) {
    case 0:
      return bytes.subarray(0, at());
    case 1:
      for (let k = random.below(12) + 1; k > 0; k--) bytes[at()] ^= 1 << random.below(8);
      return bytes;
    case 2:
      if (bytes.length >= 2) bytes.writeUInt16LE(random.of(SIZES) & 0xffff, at(2));
      return bytes;
    case 3:
      if (bytes.length < 8) return bytes;
      if (random.next() < FEW)
        bytes.writeBigUInt64LE(random.of([2n ** 31n, 2n ** 40n, 2n ** 63n, 2n ** 64n - 1n]), at(8));
      else if (random.below(2) === 0) bytes.writeUInt32LE(random.of(SIZES), at(4));
      else bytes.writeUInt32BE(random.of(SIZES), at(4));
      return bytes;
    case 4: {
      const [from, to, length] = [at(), at(), random.below(40) + 1];
      bytes.copy(bytes, to, from, from + length);
      return bytes;
    }
    case 5: {
      const from = at();
      for (let i = from; i < Math.min(bytes.length, from + 1 + random.below(60)); i++)
        bytes[i] = random.below(256);
      return bytes;
    }
    case 6: {
      // A part comes many times, or is gone.
      const [from, length] = [at(), random.below(80) + 1];
      const times = random.of([0, 0, 2, 2, 3, 100]);
      const part = bytes.subarray(from, from + length);
      return replaced(from, from + length, Buffer.concat(Array.from({ length: times }, () => part)));
    }
    case 7: {
      // The end of another file, or a part of it.
      const other = random.of(others);
      const [from, length] = [at(), random.below(other.length) + 1];
      const start = random.below(other.length);
      return replaced(
        from,
        from + (random.below(2) === 0 ? length : 0),
        other.subarray(start, start + length),
      );
    }
    case 8: {
      // A number in a text becomes another.
      const spans = [...bytes.toString("latin1").matchAll(/-?\d+(\.\d+)?(e[+-]?\d+)?/gi)];
      if (spans.length === 0) return bytes.subarray(0, at());
      const { index, 0: text } = random.of(spans);
      return replaced(index, index + text.length, Buffer.from(random.of(NUMBERS)));
    }
    default: {
      const [from, length] = [at(), random.of([0, 1, random.below(20)])];
      return replaced(from, from + length, Buffer.from(random.of(TEXTS)));
    }
  }
}
