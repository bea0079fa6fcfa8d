/**
 * Which of its kernels OpenBLAS takes. It chooses by the processor's model, and takes those of a Pentium 4 for models that are
 * younger than itself: Debian 12's (0.3.21) multiplied matrices at a fifth of the speed on an Intel Xeon of 2023. What a
 * processor can do says the same for every model, so the choice is made by that, as oneDNN makes it.
 */
import { readFileSync } from "node:fs";

/** First family of AMD's Zen processors. */
const ZEN = 23;

/**
 * OpenBLAS's name of the kernels for a processor, as `/proc/cpuinfo` describes it; null to leave the choice to OpenBLAS. Models
 * that OpenBLAS knows get the kernels that they get without this.
 */
export function matrixKernels(cpuinfo: string): string | null {
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, "m").exec(cpuinfo)?.[1] ?? "";
  const features = new Set(field("flags").split(" "));
  const has = (...names: string[]) => names.every((name) => features.has(name));
  if (!has("avx2", "fma")) return null;
  if (field("vendor_id") === "AuthenticAMD") return Number(field("cpu family")) >= ZEN ? "Zen" : null;
  if (field("vendor_id") !== "GenuineIntel") return null;
  return has("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl") ? "SkylakeX" : "Haswell";
}

/** Names the kernels to OpenBLAS, which reads the name when libtorch is loaded, unless the user did. */
export function chooseMatrixKernels(): void {
  if (process.platform !== "linux" || process.arch !== "x64") return;
  if (process.env.OPENBLAS_CORETYPE !== undefined) return;
  const kernels = matrixKernels(readFileSync("/proc/cpuinfo", "utf8"));
  if (kernels !== null) process.env.OPENBLAS_CORETYPE = kernels;
}
