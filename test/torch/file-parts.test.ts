import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { empty, zeros } from "../../src/torch/create.ts";
import { readAhead, readInto } from "../../src/torch/file-parts.ts";
import { tidy } from "../../src/torch/scope.ts";
import { messageOf } from "./child.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-read-ahead-"));
afterAll(() => rmSync(folder, { recursive: true }));

const BYTES = 2 ** 25;
const path = join(folder, "images");
writeFileSync(path, new Uint8Array(BYTES));

/** Bytes of the file that memory holds; null where the system has no program that says so. */
function held(): number | null {
  try {
    return Number(execFileSync("fincore", ["-b", "-n", "-r", "-o", "RES", path], { encoding: "utf8" }));
  } catch {
    return null;
  }
}

/** Has the system forget the file's pages. */
const forget = () => {
  execFileSync("sync", [path]);
  execFileSync("dd", [`if=${path}`, "iflag=nocache", "count=0", "status=none"]);
};
forget();
const forgotten = held() === 0;

test.skipIf(!forgotten)(
  "the part that is named is read from the disk, without being waited for",
  async () => {
    forget();
    const file = openSync(path, "r");
    readAhead({ file, from: BYTES / 4, bytes: BYTES / 2 });
    closeSync(file);
    await settled();
    expect(held()).toBeGreaterThanOrEqual(BYTES / 2);
    expect(held()).toBeLessThan(BYTES);
  },
);

/** Waits until the file's held pages no longer grow. */
async function settled(): Promise<void> {
  for (let before = -1; before !== held(); await new Promise((done) => setTimeout(done, 200)))
    before = held()!;
}

test("of a part beyond the end nothing happens", () => {
  const file = openSync(path, "r");
  readAhead({ file, from: 2 * BYTES, bytes: BYTES });
  closeSync(file);
});

test("a part of a file fills a part of a tensor, as it is", () => {
  const numbers = join(folder, "numbers");
  writeFileSync(numbers, new Float32Array([9, 1, 2, 3]));
  const file = openSync(numbers, "r");
  const part = { path: numbers, file, from: 4, bytes: 8 };
  tidy(() => {
    const x = zeros([2, 2]);
    readInto(x, 8, part);
    expect(x.numbers()).toEqual([0, 0, 1, 2]);
    readInto(x, 0, { ...part, from: 8 });
    expect(x.numbers()).toEqual([2, 3, 1, 2]);
    expect(messageOf(() => readInto(x, 12, part))).toMatch(/part of the tensor/);
    expect(messageOf(() => readInto(x.transpose(0, 1), 0, part))).toMatch(/memory of the processor/);
  });
  closeSync(file);
});

test("a file that was cut, and one that can't be read, are named", () => {
  const file = openSync(path, "r");
  const directory = openSync(folder, "r");
  tidy(() => {
    const x = empty([16], { dtype: "uint8" });
    const part = { path, file, from: BYTES - 10, bytes: 16 };
    expect(messageOf(() => readInto(x, 0, part))).toBe(
      `${path}: ends at byte ${BYTES}: it was cut since it was opened`,
    );
    expect(messageOf(() => readInto(x, 0, { ...part, path: folder, file: directory }))).toBe(
      `${folder}: is a folder, not a file`,
    );
  });
  closeSync(file);
  closeSync(directory);
});
