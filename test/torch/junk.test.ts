import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { operators } from "../../src/torch/index.ts";
import { operator } from "../../src/torch/operator.ts";

/**
 * Operators that libtorch 1.13 itself ends the process in when their values make no sense (found by calling all
 * that take up to six arguments with junk), or that wait, or write files. Names that begin with an underscore are
 * libtorch's own business and do not check what they get.
 */
const LEFT_OUT =
  /^aten::(_|align_t|batch_norm_update_stats|native_channel_shuffle|pixel_shuffle|replication_pad3d_backward|rrelu_with_noise|from_file|save|wait|max_unpool|special_.*polynomial|.*cudnn|.*miopen|.*mkldnn)/;

/** Every nth of them, so that the test stays short; a longer run takes n = 1 and more trials. */
const EVERY = 6;

test("junk never ends the process, whatever the operator", () => {
  const names = operators()
    .filter((name) => !LEFT_OUT.test(name) && callable(name))
    .filter((_, index) => index % EVERY === 0);
  expect(names.length).toBeGreaterThan(200);
  const folder = mkdtempSync(join(tmpdir(), "arclet-junk-"));
  try {
    writeFileSync(join(folder, "names.json"), JSON.stringify(names));
    const done = spawnSync(
      process.execPath,
      [
        "--import",
        "tsx",
        fileURLToPath(new URL("junk.ts", import.meta.url)),
        join(folder, "names.json"),
        "1",
        "3",
      ],
      {
        encoding: "utf8",
        env: { ...process.env, ARCLET_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
        timeout: 50_000,
      },
    );
    const last = done.stdout.trimEnd().split("\n").at(-1);
    expect([last, done.status, done.signal]).toEqual(["done", 0, null]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function callable(name: string): boolean {
  try {
    return operator(name).arguments.length <= 3;
  } catch {
    return false;
  }
}
