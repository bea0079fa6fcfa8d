/** A FITS file assembled by hand, for tests that must not depend on the writer. */

/** @param cards after SIMPLE; texts as on the card, quotes included */
export function fitsOf(cards: Record<string, string | number>, data: Uint8Array): Uint8Array {
  const lines = ["SIMPLE  =                    T"];
  for (const [key, value] of Object.entries(cards))
    lines.push(`${key.padEnd(8)}= ${String(value).padStart(20)}`);
  return Buffer.concat([header(lines), padded(data, 0)]);
}

export const header = (lines: readonly string[]): Buffer =>
  padded(Buffer.from([...lines, "END"].map((line) => line.padEnd(80)).join(""), "latin1"), 32);

function padded(bytes: Uint8Array, fill: number): Buffer {
  const whole = Buffer.alloc(Math.ceil(bytes.length / 2880) * 2880, fill);
  whole.set(bytes);
  return whole;
}
