/** What is wrong with a machine, and the exact lines that fix it. */
import type { Facts } from "./facts.ts";

export interface Finding {
  /** A problem makes Arclet slow or fail; a note is good to know. */
  kind: "problem" | "note";
  what: string;
  fix: string;
}

const GIB = 2 ** 30;

export function findings(facts: Facts): Finding[] {
  return [
    ...blasFindings(facts),
    ...threadFindings(facts),
    ...buildFindings(facts),
    ...deviceFindings(facts),
    ...spaceFindings(facts),
  ];
}

function blasFindings({ blas, openblasInstalled, openmpInstalled }: Facts): Finding[] {
  const install = "sudo apt-get install -y --no-install-recommends libopenblas0-openmp";
  const [, name = "x86_64-linux-gnu"] = /^.*\/([^/]*-linux-gnu)(?=\/)/.exec(blas.from) ?? [];
  if (blas.name === "reference BLAS") {
    const what = `matrices are multiplied by the reference BLAS (${blas.from}), ten times slower than OpenBLAS`;
    const choose = `sudo update-alternatives --config libblas.so.3-${name}`;
    return [{ kind: "problem", what, fix: openblasInstalled ? choose : install }];
  }
  if (!blas.from.includes("/openblas-pthread/")) return [];
  // If both are installed, Debian takes the pthread build; the door is built to find the other one first.
  const choose = "npm run setup";
  return [
    {
      kind: "note",
      what: "OpenBLAS is its pthread build, whose threads compete with libtorch's for the cores: training is up to 2.5 times slower",
      fix: openmpInstalled ? choose : `${install} && ${choose}`,
    },
  ];
}

function threadFindings({ torch, cpu, threadsAsked }: Facts): Finding[] {
  if (torch.threads === cpu.cores) return [];
  const many = torch.threads > cpu.cores ? ", which slows it" : "";
  const what = `libtorch's threads: ${torch.threads}, on ${cpu.cores} cores${many}`;
  if (threadsAsked === undefined)
    return [{ kind: "problem", what, fix: `export ARCLET_THREADS=${cpu.cores}` }];
  // Fewer threads may be intended, on a shared machine.
  const kind = torch.threads > cpu.cores ? "problem" : "note";
  return [{ kind, what: `${what} (ARCLET_THREADS is ${threadsAsked})`, fix: "unset ARCLET_THREADS" }];
}

function buildFindings({ torch, built }: Facts): Finding[] {
  if (built === undefined || built.version === torch.torch) return [];
  const what = `the native build is for libtorch ${built.version}, ${torch.torch} is installed now`;
  return [{ kind: "problem", what, fix: "npm run setup" }];
}

function deviceFindings({ torch, cpu, gpu, speed }: Facts): Finding[] {
  const found: Finding[] = [];
  if (gpu && !torch.cuda) {
    found.push({
      kind: "note",
      what: "there is an NVIDIA GPU, but this libtorch can't use it",
      fix: "export LIBTORCH=/path/to/a/libtorch/with/CUDA && npm run setup",
    });
  }
  if (process.arch === "x64" && !cpu.features.includes("avx2")) {
    found.push({
      kind: "note",
      what: "the processor has no AVX2: training takes several times longer",
      fix: "use a newer processor, or a machine with a GPU",
    });
  }
  if (speed.bfloat16 > speed.float32) {
    found.push({
      kind: "note",
      what: `bfloat16 convolutions are ${(speed.bfloat16 / speed.float32).toFixed(1)} times slower here than float32`,
      fix: "train with --precision float32 (auto finds this out itself)",
    });
  }
  return found;
}

function spaceFindings({ memory, diskFree }: Facts): Finding[] {
  const found: Finding[] = [];
  if (memory < 3 * GIB) {
    const fix = "train with a smaller --batch-size, or on a machine with 4 GiB or more";
    found.push({ kind: "problem", what: `${gib(memory)} of memory is not enough`, fix });
  }
  if (diskFree < GIB) {
    const fix = "free some space: a dataset of 10,000 images takes 0.2 to 0.5 GiB";
    found.push({ kind: "problem", what: `${gib(diskFree)} of disk space is left`, fix });
  }
  return found;
}

export const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;
