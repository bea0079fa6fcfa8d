import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { fileHashes } from "../../src/dataset/file-hashes.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-hashes-"));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test("hashes of files by threads are those of sha256sum, and all bytes are told", async () => {
  const paths = Array.from({ length: 5 }, (_, k) => join(folder, `file-${k}`));
  const lengths = paths.map((_, k) => k * 1_500_000);
  for (const [k, path] of paths.entries()) writeFileSync(path, Buffer.alloc(lengths[k]!, `text ${k}`));
  const expected = execFileSync("sha256sum", paths, { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[0]);
  for (const threads of ["1", "2"]) {
    vi.stubEnv("ARCLET_THREADS", threads);
    let read = 0;
    const tick = (bytes: number) => {
      read += bytes;
    };
    expect(await fileHashes(paths, tick)).toEqual(expected);
    expect(read).toBe(lengths.reduce((sum, length) => sum + length));
  }
  expect(await fileHashes([], () => {})).toEqual([]);
});

test("a file that can't be read is named", async () => {
  const path = join(folder, "absent.npy");
  await expect(fileHashes([path], () => {})).rejects.toThrow(/absent\.npy/);
});

test("reading can be stopped", async () => {
  const path = join(folder, "long");
  writeFileSync(path, Buffer.alloc(64_000_000));
  const stop = new AbortController();
  const hashes = fileHashes([path], () => stop.abort(new Error("enough")), stop.signal);
  await expect(hashes).rejects.toThrow("enough");
});
