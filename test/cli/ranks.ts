/** Commands that several processes run as ranks of one training. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { readSafetensors } from "../../src/torch/safetensors.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { environment, program, words } from "./arclet.ts";
import type { Ended } from "./standing.ts";

const RANK_PROGRAM = join(import.meta.dirname, "rank-program.mjs");

export interface RankProcess {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** Ports that were free just now, one after the other. */
export async function freePort(count = 1): Promise<number> {
  for (;;) {
    const first = 21_000 + Math.floor(Math.random() * 10_000);
    const all = await Promise.all(Array.from({ length: count }, (_, k) => isFree(first + k)));
    if (all.every(Boolean)) return first;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });

/** torchrun's variables. */
export const asRank = (rank: number, size: number, port: number): Record<string, string> => ({
  RANK: `${rank}`,
  WORLD_SIZE: `${size}`,
  LOCAL_RANK: `${rank}`,
  LOCAL_WORLD_SIZE: `${size}`,
  MASTER_ADDR: "127.0.0.1",
  MASTER_PORT: `${port}`,
});

/** A process that was started with these words, and what it leaves. */
export function started(args: readonly string[], cwd: string, env: Record<string, string>): RankProcess {
  const child = spawn("node", args, { cwd, env: environment({ ...ONE_THREAD, ...env }), stdio: "pipe" });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (bytes: Buffer) => {
      text[name] += bytes.toString();
    });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (status) => resolve({ status, ...text }));
  });
  return { child, ended };
}

/** Ranks share the cores with each other and with other tests. */
export const ONE_THREAD = { ARCLET_THREADS: "1", OMP_NUM_THREADS: "1" };

/** One line as every rank. @param differing words or variables of single ranks, added to the others' */
export async function startRanks(
  folder: string,
  size: number,
  line: string,
  differing: Record<number, { line?: string; env?: Record<string, string> }> = {},
): Promise<RankProcess[]> {
  const port = await freePort();
  return Array.from({ length: size }, (_, rank) => {
    const { line: more = "", env = {} } = differing[rank] ?? {};
    return started([program, ...words(`${line} ${more}`)], folder, { ...asRank(rank, size, port), ...env });
  });
}

export const allEnded = (ranks: readonly RankProcess[]): Promise<Ended[]> =>
  Promise.all(ranks.map(({ ended }) => ended));

/** Lines that all ranks run, one after the other; all must end well. */
export async function asRanks(folder: string, size: number, lines: readonly string[]): Promise<void> {
  const file = join(folder, `lines-${size}.json`);
  writeFileSync(file, JSON.stringify(lines.map(words)));
  const port = await freePort(lines.length);
  const ranks = Array.from({ length: size }, (_, rank) =>
    started([RANK_PROGRAM, folder, file, `${port}`], folder, asRank(rank, size, port)),
  );
  for (const [rank, { status, stderr }] of (await allEnded(ranks)).entries())
    expect(status, `rank ${rank}: ${stderr}`).toBe(0);
}

const modelOf = (folder: string, run: string) =>
  readSafetensors(join(folder, run, "model-last.safetensors")).tensors;

/** The greatest difference between the last models of two runs, and where it is. */
export function apart(folder: string, one: string, other: string): { by: number; name: string } {
  return tidy(() => {
    const [a, b] = [modelOf(folder, one), modelOf(folder, other)];
    expect([...b.keys()]).toEqual([...a.keys()]);
    let worst = { by: 0, name: "" };
    for (const [name, value] of a) {
      const by = value.to("float64").sub(b.get(name)!.to("float64")).abs().max().item();
      if (!(by <= worst.by)) worst = { by, name };
    }
    return worst;
  });
}

/**
 * The distance of two runs' last models, over the length of the first: for runs of many steps, in which rounding decides now
 * and then on which side of a ReLU's kink a pixel lies. Runs of 120 steps by one thread and by two were 5e-4 apart so; 39
 * steps an epoch for 40 make 2e-2, and batches of 15 for 16 make 8e-2.
 */
export function distance(folder: string, one: string, other: string): number {
  return tidy(() => {
    const [a, b] = [modelOf(folder, one), modelOf(folder, other)];
    const square = (x: Tensor) => x.to("float64").square().sum().item();
    let [difference, length] = [0, 0];
    for (const [name, value] of a) {
      difference += square(value.to("float64").sub(b.get(name)!.to("float64")));
      length += square(value);
    }
    return Math.sqrt(difference / length);
  });
}

/** Waits for a file. */
export async function appeared(path: string): Promise<void> {
  for (let i = 0; !existsSync(path); i++) {
    if (i > 2400) throw new Error(`${path} has not appeared`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
