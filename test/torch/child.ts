/** Scripts that need their own process: for flags of Node, a fresh heap, or a crash that is part of the test. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { slow } from "../slow.ts";

slow("starts programs");

const room = new URL("../../src/torch/index.ts", import.meta.url).href;

/** Runs TypeScript `source`, in which `torch` is the room, and returns what it printed as JSON. */
export function inChild(
  source: string,
  flags: readonly string[] = [],
  env: Record<string, string | undefined> = {},
) {
  const done = rawChild(source, flags, env);
  if (done.status !== 0) throw new Error(`child exited with ${done.status ?? done.signal}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

export function rawChild(
  source: string,
  flags: readonly string[] = [],
  env: Record<string, string | undefined> = {},
): SpawnSyncReturns<string> {
  return spawnSync(
    process.execPath,
    [
      ...flags,
      "--import",
      "tsx",
      "--input-type=module",
      "--eval",
      `import * as torch from ${JSON.stringify(room)};\n${source}`,
    ],
    {
      encoding: "utf8",
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { ...process.env, ...env },
    },
  );
}

/** The message of what `body` throws; fails the test if it throws nothing. */
export function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
