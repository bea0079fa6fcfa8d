import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { operator, operators } from "../../src/torch/operator.ts";
import { SLOW, slow } from "../slow.ts";

slow("starts a program that calls hundreds of operators");

/**
 * Operators that wait, loop any number of times, or write files. Those with which libtorch itself ends the process are
 * guarded by the door (`native/torch/guards.cc`).
 */
const LEFT_OUT = /^aten::(from_file|save|wait|special_.*polynomial)/;

/** Every n-th operator, to keep the test short; for a longer run use n = 1 and more trials. */
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
        env: { ...process.env },
        timeout: SLOW - 10_000,
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
