import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { matrixKernels } from "../../src/torch/blas-kernels.ts";
import { inChild } from "./child.ts";

const cpuinfo = (vendor: string, family: number, flags: string) =>
  `processor\t: 0\nvendor_id\t: ${vendor}\ncpu family\t: ${family}\nmodel\t\t: 207\nflags\t\t: fpu ${flags} sse2\nbugs\t\t: none\n`;
const AVX512 = "avx2 fma avx512f avx512cd avx512bw avx512dq avx512vl";

test("a processor's features choose OpenBLAS's kernels, whatever its model", () => {
  expect(matrixKernels(cpuinfo("GenuineIntel", 6, AVX512))).toBe("SkylakeX");
  expect(matrixKernels(cpuinfo("GenuineIntel", 6, "avx2 fma avx512f"))).toBe("Haswell");
  expect(matrixKernels(cpuinfo("AuthenticAMD", 26, AVX512))).toBe("Zen");
});

test("OpenBLAS chooses itself where features don't say", () => {
  expect(matrixKernels(cpuinfo("GenuineIntel", 6, "avx fma"))).toBeNull();
  expect(matrixKernels(cpuinfo("AuthenticAMD", 21, "avx2 fma"))).toBeNull();
  expect(matrixKernels(cpuinfo("HygonGenuine", 24, "avx2 fma"))).toBeNull();
  expect(matrixKernels("processor\t: 0\nFeatures\t: fp asimd\n")).toBeNull();
});

test.skipIf(process.platform !== "linux" || process.arch !== "x64")(
  "the name is given before libtorch is loaded, and never in place of the user's",
  () => {
    const source =
      "torch.ones([1]).item(); console.log(JSON.stringify([process.env.OPENBLAS_CORETYPE ?? null]));";
    const own = inChild(source, [], { OPENBLAS_CORETYPE: undefined });
    expect(own).toEqual([matrixKernels(readFileSync("/proc/cpuinfo", "utf8"))]);
    expect(inChild(source, [], { OPENBLAS_CORETYPE: "Nehalem" })).toEqual(["Nehalem"]);
  },
);
