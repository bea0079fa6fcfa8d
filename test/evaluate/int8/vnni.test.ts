import { expect, test } from "vitest";
import { hasVnni } from "../../../src/evaluate/int8/vnni.ts";

test("processors with VNNI are told from others by what they say of themselves", () => {
  expect(hasVnni("model name\t: Xeon\nflags\t\t: fpu avx2 avx512_vnni amx_int8\n")).toBe(true);
  expect(hasVnni("flags\t\t: fpu avx2 avx_vnni\n")).toBe(true);
  expect(hasVnni("Features\t: fp asimd asimddp\n")).toBe(true);
  expect(hasVnni("flags\t\t: fpu avx2 avx512f avx512_vnni2\n")).toBe(false);
  expect(hasVnni("")).toBe(false);
});
