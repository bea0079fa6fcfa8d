import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { contentHashNow, verifyFiles } from "../../src/dataset/verifying.ts";
import { showProgress } from "../../src/foundation/progress.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-verifying-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Two files of 9 and 3 MiB, which don't have the content hash that is asked for. */
const written = () => {
  writeFileSync(join(folder, "images-00000.npy"), new Uint8Array(9 * 2 ** 20));
  writeFileSync(join(folder, "table.parquet"), new Uint8Array(3 * 2 ** 20));
  const info = { shards: [{ file: "images-00000.npy", rows: 1 }], contentHash: "0".repeat(64) };
  return { folder, info, ids: [], hashes: null, shard: [], index: [] };
};

async function shown(long?: number): Promise<string> {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  const was = process.stderr.isTTY;
  Object.defineProperty(process.stderr, "isTTY", { value: false, configurable: true });
  showProgress();
  try {
    const files = written();
    const hash = contentHashNow(files.folder, files.info, long);
    await expect(verifyFiles(files, hash)).rejects.toThrow(/has changed since it was written/);
  } finally {
    showProgress(false);
    Object.defineProperty(process.stderr, "isTTY", { value: was, configurable: true });
    spy.mockRestore();
  }
  return lines.join("");
}

test("files that take long to read show how far it is, up to all of them", async () => {
  expect(await shown(12 * 2 ** 20)).toMatch(/check arclet-verifying-\w+ 12\/12 MiB/);
});

test("files that are soon read show nothing", async () => {
  expect(await shown()).toBe("");
});
