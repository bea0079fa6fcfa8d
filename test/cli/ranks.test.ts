/** Ranks that don't begin, that are lost on the way, and runs that are continued by another number of them. */
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rankBackends } from "../../src/torch/ranks.ts";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { ownProcess, program, words } from "./arclet.ts";
import { allEnded, appeared, asRank, distance, freePort, ONE_THREAD, started, startRanks } from "./ranks.ts";
import type { Ended } from "./standing.ts";

slow("each process loads libtorch, and lost ones are waited for");

const folder = folderWith("source");
const at = (...names: string[]) => join(folder, ...names);
const SMALL =
  "--preset paper --encoder lenet --lenet.widths 4,8 --head.width 16 --batch 16 --precision float32";
const TRAIN = `train source --method source-only ${SMALL}`;

/** One line says it, last. */
function refused({ status, stderr }: Ended, message: RegExp): void {
  const own = stderr.split("\n").filter((line) => line.startsWith("arclet:"));
  expect(own, stderr).toHaveLength(1);
  expect(own[0]).toMatch(message);
  expect(status).toBe(2);
}

/** One process that is told to be a rank. */
const asOne = (line: string, env: Record<string, string>) =>
  ownProcess(line.split(" "), folder, { ...ONE_THREAD, ...env });

const EPOCHS = 3;

describe.skipIf(rankBackends().length === 0)("ranks", () => {
  test("what one process can see is refused by it", async () => {
    const port = await freePort();
    const rank = asRank(0, 2, port);
    refused(asOne(`${TRAIN} --out x`, { RANK: "0", WORLD_SIZE: "2" }), /MASTER_ADDR must be given/);
    refused(
      asOne(`${TRAIN} --out x`, { ...rank, RANK: "2" }),
      /the rank must be below the number of ranks, 2, got 2/,
    );
    refused(asOne(`${TRAIN} --out x --backend nccl --device cpu`, rank), /backend must be gloo.*got "nccl"/);
    refused(
      asOne(`${TRAIN} --out x`, { ...rank, MASTER_ADDR: "nowhere.invalid" }),
      /MASTER_ADDR nowhere.invalid is no host that is known here/,
    );
    refused(
      asOne(`${TRAIN} --out x`, { ...rank, LOCAL_WORLD_SIZE: "1" }),
      /MASTER_ADDR 127.0.0.1 is 127.0.0.1 here, which other hosts can't reach; set MASTER_ADDR/,
    );
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, resolve));
    const taken = await started([program, ...words(`${TRAIN} --out x`)], folder, rank).ended;
    server.close();
    refused(taken, new RegExp(`MASTER_PORT ${port} is taken by another program`));
    expect(existsSync(at("x"))).toBe(false);
  });

  test("ranks of two runs don't mix", async () => {
    const settings = await allEnded(
      await startRanks(folder, 2, `${TRAIN} --out x`, { 1: { line: "--seed 3" } }),
    );
    refused(settings[1]!, /all ranks must be started alike: seed is 3 on rank 1 and 0 on rank 0$/);
    refused(settings[0]!, /rank 1 \(.*, process \d+\) ended: all ranks must be started alike: seed is 3/);
    const more = { 1: { env: { WORLD_SIZE: "3", LOCAL_WORLD_SIZE: "3" } } };
    const sizes = await allEnded(await startRanks(folder, 2, `${TRAIN} --out x`, more));
    refused(sizes[1]!, /the number of ranks is 3 on rank 1 and 2 on rank 0$/);
    refused(sizes[0]!, /rank 1 .* ended: .* the number of ranks is 3 on rank 1 and 2 on rank 0$/);
    expect(existsSync(at("x"))).toBe(false);
  });

  test("what rank 0 refuses, all say", async () => {
    const [first, second] = await allEnded(await startRanks(folder, 2, `${TRAIN} --out source`));
    refused(first!, /^arclet: train: --out must be a new or empty folder/);
    refused(second!, /rank 0 \(.*\) ended: .*out must be a new or empty folder/);
  });

  test("a rank that is killed ends the others within a minute, by its name; another number of ranks goes on", async () => {
    const whole = `${TRAIN} --epochs ${EPOCHS} --steps-per-epoch 40`;
    asOne(`${whole} --out whole`, {});
    const ranks = await startRanks(folder, 3, `${whole} --out killed`);
    await appeared(at("killed", "checkpoints", "epoch-01.safetensors"));
    const { pid } = ranks[1]!.child;
    ranks[1]!.child.kill("SIGKILL");
    const since = Date.now();
    const [first, , third] = await allEnded(ranks);
    expect(Date.now() - since).toBeLessThan(60_000);
    for (const ended of [first!, third!])
      refused(
        ended,
        new RegExp(
          `rank 1 \\(.*, process ${pid}\\) is gone without a word; start all ranks again, with --resume`,
        ),
      );
    for (const { status, stderr } of await allEnded(
      await startRanks(folder, 2, `${whole} --out killed --resume`),
    ))
      expect(status, stderr).toBe(0);
    expect(distance(folder, "whole", "killed")).toBeLessThan(2e-3);
  });

  test("asked to stop, one rank stops all at one step, and one process continues", async () => {
    const whole = `${TRAIN} --epochs ${EPOCHS} --steps-per-epoch 40`;
    const ranks = await startRanks(folder, 2, `${whole} --out stopped`);
    await appeared(at("stopped", "checkpoints", "epoch-01.safetensors"));
    ranks[1]!.child.kill("SIGINT");
    for (const { status, stderr } of await allEnded(ranks)) {
      expect(status).toBe(130);
      expect(stderr).toMatch(
        /arclet: interrupted: stopped is saved; the same command with --resume continues\n$/,
      );
    }
    const { status, stderr } = asOne(`${whole} --out stopped --resume`, {});
    expect(status, stderr).toBe(0);
    expect(distance(folder, "whole", "stopped")).toBeLessThan(2e-3);
  });

  test("without rank 0, which serves the others, these end too", async () => {
    const ranks = await startRanks(folder, 2, `${TRAIN} --epochs 50 --out headless`);
    await appeared(at("headless", "checkpoints", "epoch-01.safetensors"));
    ranks[0]!.child.kill("SIGKILL");
    refused((await allEnded(ranks))[1]!, /rank 0 \(.*\) is gone without a word/);
  });
});
