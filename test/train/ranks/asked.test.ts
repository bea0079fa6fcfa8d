import { expect, test } from "vitest";
import { alone, askedRanks, firstHost } from "../../../src/train/ranks/asked.ts";

const TORCHRUN = {
  RANK: "3",
  WORLD_SIZE: "8",
  LOCAL_RANK: "1",
  LOCAL_WORLD_SIZE: "2",
  MASTER_ADDR: "gpu01",
  MASTER_PORT: "29500",
};
const SRUN = {
  SLURM_PROCID: "5",
  SLURM_NTASKS: "8",
  SLURM_STEP_NUM_TASKS: "8",
  SLURM_LOCALID: "1",
  SLURM_STEP_NODELIST: "gpu[003-004,12],login1",
  SLURM_STEP_NUM_NODES: "4",
  SLURM_JOB_ID: "1234",
  SLURM_STEP_ID: "0",
};

test("torchrun's variables say which rank this is, and go before Slurm's", () => {
  expect(askedRanks({ ...SRUN, ...TORCHRUN })).toMatchObject({
    rank: 3,
    size: 8,
    localRank: 1,
    localSize: 2,
    host: "gpu01",
    port: 29500,
  });
});

test("srun's variables do: the first host, and a port of the job's own", () => {
  const asked = askedRanks(SRUN)!;
  expect(asked).toMatchObject({ rank: 5, size: 8, localRank: 1, localSize: null, host: "gpu003" });
  expect(asked.port).toBe(askedRanks({ ...SRUN, SLURM_PROCID: "0" })!.port);
  expect(asked.port).not.toBe(askedRanks({ ...SRUN, SLURM_JOB_ID: "1235" })!.port);
  expect(asked.port).not.toBe(askedRanks({ ...SRUN, SLURM_STEP_ID: "1" })!.port);
  expect(askedRanks({ ...SRUN, MASTER_ADDR: "ib1", MASTER_PORT: "4000" })).toMatchObject({
    host: "ib1",
    port: 4000,
  });
});

test("a process by itself is none: without variables, one of one, and a batch script that srun didn't start", () => {
  expect(askedRanks({})).toBeNull();
  expect(askedRanks({ RANK: "0", WORLD_SIZE: "1" })).toBeNull();
  const { SLURM_STEP_NUM_TASKS: _, ...batch } = SRUN;
  expect(askedRanks(batch)).toBeNull();
  expect(askedRanks({ ...SRUN, SLURM_STEP_NUM_TASKS: "1" })).toBeNull();
});

test.each([
  [{ ...TORCHRUN, RANK: undefined }, /RANK must be given/],
  [{ ...TORCHRUN, MASTER_PORT: undefined }, /MASTER_PORT must be given/],
  [{ ...TORCHRUN, RANK: "8" }, /the rank must be below the number of ranks, 8, got 8/],
  [{ ...TORCHRUN, RANK: "one" }, /RANK must be a whole number from 0, got "one"/],
  [{ ...TORCHRUN, MASTER_PORT: "70000" }, /MASTER_PORT must be a port, at most 65535, got 70000/],
])("%o is refused", (environment, message) => {
  expect(() => askedRanks(environment)).toThrow(message);
});

test.each([
  ["gpu01", "gpu01"],
  ["gpu[01-04]", "gpu01"],
  ["gpu[7,9-12]-ib,other", "gpu7-ib"],
  ["login,gpu[01-04]", "login"],
])("the first host of %s is %s", (nodes, host) => expect(firstHost(nodes)).toBe(host));

test("a program that is started to train alone is told of no ranks", () => {
  for (const environment of [TORCHRUN, SRUN, { ...SRUN, ...TORCHRUN }]) {
    expect(askedRanks(environment)).not.toBeNull();
    expect(askedRanks(alone(environment))).toBeNull();
  }
  expect(alone({ ...TORCHRUN, HOME: "/home/ada" }).HOME).toBe("/home/ada");
});
