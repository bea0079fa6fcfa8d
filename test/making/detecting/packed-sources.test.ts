/** Sources in files of shards come back to the last bit. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { packedSources, unpackedSources } from "../../../src/making/detecting/packed-sources.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-packed-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("every number comes back, NaN, infinity and -0 too; a file that is cut short is refused", () => {
  const sources = [0, 1, 2].map((k) => ({
    ...{ x: 0.1 + k, y: 1 / 3, a: Number.MIN_VALUE, b: 2 ** 60 + 256, theta: -0, halfLight: Number.NaN },
    ...{ snr: Number.POSITIVE_INFINITY, flags: 256 + k },
    flux: [1e-30 * k, Number.NaN],
    error: [-0, k],
  }));
  const path = join(folder, "piece.f64");
  const bytes = packedSources(sources, 2);
  writeFileSync(path, bytes);
  expect(unpackedSources(path, 2)).toEqual(sources);
  expect(Object.is(unpackedSources(path, 2)[0]!.theta, -0)).toBe(true);
  writeFileSync(path, bytes.subarray(0, bytes.length - 8));
  expect(() => unpackedSources(path, 2)).toThrow(/piece\.f64: is cut short/);
  writeFileSync(path, packedSources([], 2));
  expect(unpackedSources(path, 2)).toEqual([]);
});
