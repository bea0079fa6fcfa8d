/** What the machine offers, read from the system itself. */
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname } from "node:path";
import { duckDB } from "../../catalog/duck.ts";
import { type BuildRecord, buildRecord, machine } from "../../torch/machine.ts";
import { doorPath, type MachineFacts } from "../../torch/native.ts";
import { type ConvolutionSpeed, convolutionSpeed } from "./speed.ts";

/** The library that multiplies matrices for libtorch. */
export interface Blas {
  name: "OpenBLAS" | "MKL" | "BLIS" | "reference BLAS" | "unknown";
  /** Its file, or what it is built into. */
  from: string;
}

export interface Facts {
  node: string;
  torch: MachineFacts;
  /** Where libtorch came from, and its version, when the native door was built; undefined without a record. */
  built: BuildRecord | undefined;
  blas: Blas;
  /** Whether an OpenBLAS is installed, in use or not. */
  openblasInstalled: boolean;
  /** Whether its OpenMP build is. */
  openmpInstalled: boolean;
  cpu: { model: string; cores: number; features: string[] };
  /** Whether there is an NVIDIA device file. */
  gpu: boolean;
  /** ARCLET_THREADS as set by the user. */
  threadsAsked: string | undefined;
  speed: ConvolutionSpeed;
  /** Bytes. */
  memory: number;
  /** Bytes free on the project's disk. */
  diskFree: number;
  duckdb: string;
}

/** Gathers every fact; measuring the speed takes a fraction of a second. */
export async function gatherFacts(): Promise<Facts> {
  const torch = machine();
  const speed = convolutionSpeed();
  const space = statfsSync(dirname(doorPath));
  const packages = readText("/var/lib/dpkg/status");
  return {
    node: process.version,
    torch,
    built: buildRecord(),
    blas: blasIn(readText("/proc/self/maps"), torch.build),
    openblasInstalled: /openblas/.test(packages),
    openmpInstalled: /^Package: libopenblas0-openmp$/m.test(packages),
    cpu: { cores: availableParallelism(), ...cpuIn(readText("/proc/cpuinfo")) },
    gpu: existsSync("/dev/nvidia0"),
    threadsAsked: process.env.ARCLET_THREADS,
    speed,
    memory: Math.min(totalmem(), memoryLimit()),
    diskFree: space.bavail * space.bsize,
    duckdb: duckDB().version(),
  };
}

/**
 * The BLAS loaded in this process; call it after libtorch has used it.
 *
 * @param maps /proc/self/maps
 * @param build libtorch's own description of its build
 */
export function blasIn(maps: string, build: string): Blas {
  const files = [...new Set(maps.match(/\/\S+\.so[.\d]*/g) ?? [])];
  const find = (pattern: RegExp) => files.find((file) => pattern.test(file));
  const openblas = find(/\/libopenblas[^/]*$/);
  if (openblas) return { name: "OpenBLAS", from: openblas };
  const mkl = find(/\/libmkl_(rt|core|intel)[^/]*$/);
  if (mkl) return { name: "MKL", from: mkl };
  const blis = find(/\/libblis[^/]*$/);
  if (blis) return { name: "BLIS", from: blis };
  const plain = find(/\/libblas\.so[^/]*$/);
  if (plain) return { name: "reference BLAS", from: plain };
  if (/Math Kernel Library/.test(build)) return { name: "MKL", from: "built into libtorch" };
  return { name: "unknown", from: "no BLAS library in this process" };
}

/** The processor features that decide its speed here. */
const FEATURES = ["avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16"];

/** @param cpuinfo /proc/cpuinfo */
export function cpuIn(cpuinfo: string): { model: string; features: string[] } {
  const model = /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.trim() ?? process.arch;
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.split(/\s+/));
  return { model, features: FEATURES.filter((feature) => flags.has(feature)) };
}

/** A container's own limit, which the system's total doesn't show. */
function memoryLimit(): number {
  const limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
  const limit = Number(limits.map(readText).find((text) => text !== "") ?? "max");
  return Number.isFinite(limit) && limit > 0 ? limit : Number.POSITIVE_INFINITY;
}

/** A system file's text, empty if the system has no such file. */
function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
