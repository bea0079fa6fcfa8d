import { expect, test } from "vitest";
import { refuseTooLittleRoom, roomLeft } from "../../src/foundation/memory-room.ts";

const limits = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max data size             9000000              unlimited            bytes
Max address space         ${soft}           unlimited            bytes
`;
const ADDRESSES = { limit: "Max address space", taken: "VmSize" };

test("what is left is the limit less what is taken", () => {
  const status = "Name:\tnode\nVmPeak:\t  900 kB\nVmSize:\t  700 kB\nVmData:\t  500 kB\n";
  expect(roomLeft(ADDRESSES, limits("1024000"), status)).toBe(1024000 - 700 * 1024);
  expect(roomLeft(ADDRESSES, limits("unlimited"), status)).toBe(Number.POSITIVE_INFINITY);
  expect(roomLeft({ limit: "Max data size", taken: "VmData" }, limits("5"), status)).toBe(9e6 - 500 * 1024);
});

test("without a limit nothing is too little", () => {
  expect(() => refuseTooLittleRoom("here", "a library", { addresses: 1, data: 1 }, "load")).not.toThrow();
});
