import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { tensor } from "../../src/torch/create.ts";
import { mapFile, readAhead } from "../../src/torch/mapped.ts";
import { tidy } from "../../src/torch/scope.ts";

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

test.skipIf(!forgotten)("the part that is named is read from the disk, without being touched", async () => {
  forget();
  await tidyAndWait(() => readAhead(mapFile(path, "uint8", [4, BYTES / 4]).narrow(0, 1, 2)));
  expect(held()).toBeGreaterThanOrEqual(BYTES / 2);
  expect(held()).toBeLessThan(BYTES);
});

/** Waits until the file's held pages no longer grow. */
async function tidyAndWait(body: () => void): Promise<void> {
  tidy(body);
  for (let before = -1; before !== held(); await new Promise((done) => setTimeout(done, 200)))
    before = held()!;
}

test("of tensors that are no files nothing happens", () => {
  const x = tensor([1, 2]);
  readAhead(x);
  readAhead(x.slice(0, 2));
  expect(x.numbers()).toEqual([1, 2]);
});
