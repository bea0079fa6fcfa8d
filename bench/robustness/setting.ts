/** What the parts of the campaign share: a seed, a budget, and a place. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Service } from "../../test/making/fetching/service.ts";
import { PORT } from "./cases.ts";
import type { Places } from "./disturbed.ts";
import { Standing } from "./standing.ts";
import { makeWorld } from "./world.ts";

export const ROOT = resolve(import.meta.dirname, "..", "..");
/** Journals, inputs and what was found. */
export const STATE = join(ROOT, "build", "robustness");

const CODE = ["src", "native", "web", "bin"];
/** The commit that the code is of; with a plus where files differ from it. */
export const COMMIT = (() => {
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", ROOT, ...words], { encoding: "utf8" }).trim();
  return (
    git("log", "-1", "--format=%h", "--abbrev=8", "--", ...CODE) +
    (git("status", "--porcelain", ...CODE) === "" ? "" : "+")
  );
})();

export interface Asked {
  readonly seed: number;
  /** Until when the part may begin something new, ms as performance.now() counts. */
  readonly until: number;
  /** Commands to take, a part of their names; all if empty. */
  readonly only: string;
}

export function asked(): Asked {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      minutes: { type: "string", default: "5" },
      only: { type: "string", default: "" },
    },
  });
  const [seed, minutes] = [Number(values.seed), Number(values.minutes)];
  if (!Number.isSafeInteger(seed) || !(minutes > 0))
    throw new Error("--seed is a whole number, --minutes is above 0");
  return { seed, until: performance.now() + minutes * 60_000, only: values.only };
}

/**
 * The folders and the library of a part, whose own folder bears its name. One part runs at a time: all work in one folder.
 *
 * @param serves whether `fetch` is to find its service
 */
export async function placesOf(
  part: string,
  { serves = true } = {},
): Promise<{ places: Places; standing: Standing; stop: () => Promise<void> }> {
  const scratch = join(STATE, part);
  mkdirSync(scratch, { recursive: true });
  const library = join(scratch, "kills.so");
  if (!existsSync(library))
    execFileSync(process.env.CC ?? "cc", [
      "-shared",
      "-fPIC",
      "-w",
      "-o",
      library,
      join(ROOT, "test", "kills.c"),
      "-ldl",
    ]);
  const standing = new Standing(join(scratch, "standing"), process.env);
  const service = new Service();
  if (serves) await service.start(PORT);
  const stop = async () => {
    standing.close();
    if (serves) await service.stop();
  };
  const world = join(STATE, "world");
  await makeWorld(world, standing);
  return { places: { world, work: join(STATE, "work"), library, scratch }, standing, stop };
}
