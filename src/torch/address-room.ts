/**
 * Whether libtorch has room to load. Under a limit of addresses (`ulimit -v`, as some queues set it) OpenBLAS asks for its
 * buffers again and again, for ever, instead of giving up.
 */
import { readFileSync } from "node:fs";
import { ArcletError } from "../foundation/errors.ts";

const KIB = 1024;
const GIB = 2 ** 30;
/** Bytes of addresses: loading took 0.94 × 10⁹ with Debian's libtorch and two threads. */
const NEEDED = GIB;

/**
 * Bytes of addresses that are left to a process.
 *
 * @param limits `/proc/self/limits`
 * @param status `/proc/self/status`
 * @returns Infinity without a limit
 */
export function addressesLeft(limits: string, status: string): number {
  const most = Number(/^Max address space\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return most - KIB * Number(/^VmSize:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

/** @throws ArcletError when too little is left for libtorch to load */
export function refuseTooFewAddresses(): void {
  if (process.platform !== "linux") return;
  const [limits, status] = ["limits", "status"].map((name) => readFileSync(`/proc/self/${name}`, "utf8"));
  const left = addressesLeft(limits!, status!);
  if (left >= NEEDED) return;
  throw new ArcletError({
    where: "torch",
    code: "machine",
    problem: `too little memory is allowed: libtorch needs ${NEEDED / GIB} GiB of addresses to load, ${(Math.max(0, left) / GIB).toFixed(1)} are left`,
    fix: "raise ulimit -v, or take it away",
  });
}
