/** Sources as numbers of 64 bits, little-endian: each comes back to the last bit, NaN too. */
import { readFileSync } from "node:fs";
import { ArcletError } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";
import type { Source } from "../../sky/frames/detect-frame.ts";

const NUMBERS = ["x", "y", "a", "b", "theta", "halfLight", "snr", "flags"] as const;

export function packedSources(sources: readonly Source[], bands: number): Buffer {
  const width = NUMBERS.length + 2 * bands;
  const bytes = Buffer.alloc(8 * width * sources.length);
  for (const [i, source] of sources.entries()) {
    const numbers = [...NUMBERS.map((name) => source[name]), ...source.flux, ...source.error];
    for (const [k, value] of numbers.entries()) bytes.writeDoubleLE(value, 8 * (i * width + k));
  }
  return bytes;
}

/** @throws ArcletError when the file is cut short */
export function unpackedSources(path: string, bands: number): Source[] {
  const bytes = guarded(path, () => readFileSync(path));
  const width = NUMBERS.length + 2 * bands;
  if (bytes.length % (8 * width) !== 0)
    throw new ArcletError({ where: path, code: "broken", problem: `is cut short (${bytes.length} bytes)` });
  return Array.from({ length: bytes.length / (8 * width) }, (_, i) => {
    const numbers = Array.from({ length: width }, (_, k) => bytes.readDoubleLE(8 * (i * width + k)));
    const named = Object.fromEntries(NUMBERS.map((name, k) => [name, numbers[k]!]));
    const lights = numbers.slice(NUMBERS.length);
    return {
      ...(named as Record<(typeof NUMBERS)[number], number>),
      flux: lights.slice(0, bands),
      error: lights.slice(bands),
    };
  });
}
