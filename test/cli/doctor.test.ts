import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { blasIn, cpuIn, type Facts } from "../../src/cli/doctor/facts.ts";
import { findings } from "../../src/cli/doctor/findings.ts";

const GIB = 2 ** 30;
const SOUND: Facts = {
  node: "v20.0.0",
  torch: { torch: "1.13.0", build: "", threads: 4, cuda: false, onednn: true },
  built: { from: "Debian's libtorch-dev", version: "1.13.0", libraries: "/usr/lib/x86_64-linux-gnu" },
  blas: { name: "OpenBLAS", from: "/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblasp-r0.3.21.so" },
  openblasInstalled: true,
  openmpInstalled: true,
  cpu: { model: "x", cores: 4, features: ["avx2"] },
  gpu: false,
  threadsAsked: undefined,
  speed: { float32: 50, bfloat16: 25 },
  memory: 16 * GIB,
  diskFree: 50 * GIB,
  duckdb: "v1.5",
};
const found = (change: Partial<Facts>) => findings({ ...SOUND, ...change });

test("doctor prints what this machine has", () => {
  const run = spawnSync("node", ["bin/arclet.mjs", "doctor", "--json"], { encoding: "utf8" });
  const { facts } = JSON.parse(run.stdout) as { facts: Facts };
  expect(facts.node).toBe(process.version);
  expect(facts.torch.torch).toMatch(/^\d+\.\d+/);
  expect(facts.cpu.cores).toBe(availableParallelism());
  expect(facts.blas.name).not.toBe("unknown");
  expect(facts.speed.float32).toBeGreaterThan(0.1);
  expect(facts.speed.bfloat16).toBeGreaterThan(0.1);
  expect(facts.diskFree).toBeGreaterThan(0);
});

test("a machine with nothing wrong has no findings", () => {
  expect(found({})).toEqual([]);
});

test("a slow BLAS is a problem, with the line that mends it", () => {
  const blas = { name: "reference BLAS", from: "/usr/lib/aarch64-linux-gnu/blas/libblas.so.3.11.0" } as const;
  expect(found({ blas, openblasInstalled: false })).toMatchObject([
    { kind: "problem", fix: "sudo apt-get install -y --no-install-recommends libopenblas0-openmp" },
  ]);
  expect(found({ blas })).toMatchObject([
    { kind: "problem", fix: "sudo update-alternatives --config libblas.so.3-aarch64-linux-gnu" },
  ]);
});

test("OpenBLAS's pthread build is a note, with the lines that take the OpenMP build instead", () => {
  const lib = "/usr/lib/aarch64-linux-gnu";
  const blas = { name: "OpenBLAS", from: `${lib}/openblas-pthread/libopenblasp-r0.3.21.so` } as const;
  const choose = "npm run setup";
  expect(found({ blas })).toMatchObject([{ kind: "note", fix: choose }]);
  const install = "sudo apt-get install -y --no-install-recommends libopenblas0-openmp";
  expect(found({ blas, openmpInstalled: false })).toMatchObject([{ fix: `${install} && ${choose}` }]);
});

test("fewer threads are a note where the user asked for them, more are a problem", () => {
  const withThreads = (threads: number) => ({ ...SOUND.torch, threads });
  expect(found({ torch: withThreads(2), threadsAsked: "2" })).toMatchObject([
    { kind: "note", fix: "unset ARCLET_THREADS" },
  ]);
  expect(found({ torch: withThreads(8), threadsAsked: "8" })).toMatchObject([
    { kind: "problem", fix: "unset ARCLET_THREADS" },
  ]);
  expect(found({ torch: withThreads(1) })).toMatchObject([
    { kind: "problem", fix: "export ARCLET_THREADS=4" },
  ]);
});

test("a build for another libtorch is a problem", () => {
  expect(found({ torch: { ...SOUND.torch, torch: "2.6.0" } })).toEqual([
    {
      kind: "problem",
      what: "the native build is for libtorch 1.13.0, 2.6.0 is installed now",
      fix: "npm run setup",
    },
  ]);
});

test("an idle GPU and a slow bfloat16 are notes", () => {
  const both = found({ gpu: true, speed: { float32: 20, bfloat16: 50 } });
  expect(both.map((finding) => finding.kind)).toEqual(["note", "note"]);
  expect(both[1]!.what).toContain("2.5 times slower");
});

test("little memory and little disk are problems", () => {
  expect(found({ memory: 2 * GIB, diskFree: GIB / 2 }).map((finding) => finding.what)).toEqual([
    "2.0 GiB of memory is not enough",
    "0.5 GiB of disk space is left",
  ]);
});

test("the BLAS is recognised by the libraries of the process", () => {
  const line = (file: string) => `7f00-7f01 r-xp 00000000 fe:00 123    ${file}\n`;
  const lib = "/usr/lib/x86_64-linux-gnu";
  const debian =
    line(`${lib}/openblas-pthread/libblas.so.3`) + line(`${lib}/openblas-pthread/libopenblasp-r0.3.21.so`);
  expect(blasIn(debian, "")).toEqual({
    name: "OpenBLAS",
    from: `${lib}/openblas-pthread/libopenblasp-r0.3.21.so`,
  });
  expect(blasIn(line(`${lib}/blas/libblas.so.3.11.0`), "")).toEqual({
    name: "reference BLAS",
    from: `${lib}/blas/libblas.so.3.11.0`,
  });
  expect(blasIn(line("/opt/intel/libmkl_rt.so.2"), "").name).toBe("MKL");
  const wheel = "  - Intel(R) oneAPI Math Kernel Library Version 2024.2\n";
  expect(blasIn(line("/opt/torch/lib/libtorch_cpu.so"), wheel)).toEqual({
    name: "MKL",
    from: "built into libtorch",
  });
});

test("the processor's features are read from cpuinfo", () => {
  const cpuinfo = "processor\t: 0\nmodel name\t: Xeon 9\nflags\t\t: fpu avx2 fma avx512f amx_bf16 sse\n\n";
  expect(cpuIn(cpuinfo)).toEqual({ model: "Xeon 9", features: ["avx2", "fma", "avx512f", "amx_bf16"] });
});
