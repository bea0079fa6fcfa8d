/** A training that a job of a real Slurm does, with a task on each of two nodes. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rankBackends } from "../../src/torch/ranks.ts";
import { ownProcess, words } from "../cli/arclet.ts";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { hasSlurm, type ScratchSlurm, scratchSlurm, until } from "../tiny/slurm.ts";

slow("starts a Slurm, whose job loads libtorch twice");

const data = folderWith("source");
const folder = mkdtempSync(join(tmpdir(), "arclet-tasks-"));
const TRAIN =
  "train source --method source-only --preset paper --encoder lenet --lenet.widths 4,8 --batch 16 --epochs 2 " +
  "--steps-per-epoch 2 --precision float32 --out run";

test("--tasks and --on slurm belong together", () => {
  const { status, stderr } = ownProcess(words(`${TRAIN} --tasks 2`), data);
  expect(stderr).toMatch(/^arclet: train: --tasks, .* must be left out unless --on slurm is given/);
  expect(status).toBe(2);
  const alone = ownProcess(words(`${TRAIN} --on slurm`), data);
  expect(alone.stderr).toMatch(/^arclet: train: --tasks must be given with --on slurm/);
});

describe.skipIf(!hasSlurm || rankBackends().length === 0)("with Slurm", () => {
  let slurm: ScratchSlurm;
  beforeAll(async () => {
    cpSync(join(data, "source"), join(folder, "source"), { recursive: true });
    slurm = await scratchSlurm(2);
  });
  afterAll(async () => {
    await slurm?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("its tasks are ranks of one run, and the job again resumes it", async () => {
    // This Slurm's nodes are names of one machine.
    const site = "nodes: 2\nsetup: [export MASTER_ADDR=127.0.0.1 ARCLET_THREADS=1 OMP_NUM_THREADS=1]\n";
    writeFileSync(join(folder, "site.yaml"), site);
    const line = `${TRAIN} --on slurm --tasks 2 --profile site.yaml`;
    const submitted = ownProcess(words(line), folder, slurm.env);
    expect(submitted.stdout + submitted.stderr).toMatch(/^run: job \d+ of 2 tasks; its log is run\.log\n$/);
    await until(() => slurm.hurry() === 0, "an empty queue");
    const log = () => readFileSync(join(folder, "run.log"), "utf8");
    expect(log()).toMatch(/ranks: 2\n/);
    expect(existsSync(join(folder, "run", "model.safetensors")), log()).toBe(true);
    const again = ownProcess(words(line), folder, slurm.env);
    expect(again.stderr).toMatch(/^arclet: train: --out must be a new or empty folder/);
    ownProcess(words(`${line} --resume`), folder, slurm.env);
    await until(() => slurm.hurry() === 0, "an empty queue");
    expect(log().match(/chosen by source-auroc/g)).toHaveLength(2);
  });
});
