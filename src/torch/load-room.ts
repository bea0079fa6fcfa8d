/**
 * Whether libtorch has room to load, and OpenBLAS its buffers. Under a limit of addresses or of data (`ulimit -v`, `ulimit -d`,
 * as some queues set them) OpenBLAS asks for its buffers again and again, for ever, instead of giving up; where it gets them
 * and libtorch does not, a constructor of libtorch's throws while it is loaded, and the program ends by a signal.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { ArcletError } from "../foundation/errors.ts";

const [KIB, MIB, GIB] = [2 ** 10, 2 ** 20, 2 ** 30];
/** OpenBLAS's buffer of each thread. */
const OF_THREAD = 128 * MIB;

interface Kind {
  /** Of `/proc/self/limits`. */
  readonly limit: string;
  /** Of `/proc/self/status`: what counts against the limit. */
  readonly taken: string;
  /** Bytes that loading takes beside the buffers, and a little more: Debian's libtorch took 568 and 80 MiB. */
  readonly needed: number;
  readonly what: string;
  readonly option: string;
}
const KINDS: readonly Kind[] = [
  { limit: "Max address space", taken: "VmSize", needed: 768 * MIB, what: "addresses", option: "-v" },
  { limit: "Max data size", taken: "VmData", needed: 144 * MIB, what: "data", option: "-d" },
];

/**
 * Bytes that are left to a process under a limit.
 *
 * @param limits `/proc/self/limits`
 * @param status `/proc/self/status`
 * @returns Infinity without a limit
 */
export function roomLeft({ limit, taken }: Pick<Kind, "limit" | "taken">, limits: string, status: string) {
  const most = Number(new RegExp(`^${limit}\\s+(\\d+)`, "m").exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return most - KIB * Number(new RegExp(`^${taken}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
}

/** Of OpenBLAS, which has no more than the machine has cores. */
function threads(): number {
  const cores = availableParallelism();
  const { OMP_NUM_THREADS, ARCLET_THREADS } = process.env;
  const asked = [OMP_NUM_THREADS, ARCLET_THREADS].map((text) => Number(text) || cores);
  return Math.min(cores, Math.max(...asked));
}

/** @throws ArcletError when too little is left for libtorch to load */
export function refuseTooLittleRoom(): void {
  if (process.platform !== "linux") return;
  const [limits, status] = ["limits", "status"].map((name) => readFileSync(`/proc/self/${name}`, "utf8"));
  for (const kind of KINDS) {
    const left = roomLeft(kind, limits!, status!);
    const needed = kind.needed + OF_THREAD * threads();
    if (left >= needed) continue;
    const [most, least] = [needed, Math.max(0, left)].map((bytes) => (bytes / GIB).toFixed(1));
    throw new ArcletError({
      where: "torch",
      code: "machine",
      problem: `too little memory is allowed: libtorch needs ${most} GiB of ${kind.what} to load, ${least} are left`,
      fix: `raise ulimit ${kind.option}, or take it away`,
    });
  }
}

/** Whether addresses or data are limited. */
export function isLimited(): boolean {
  if (process.platform !== "linux") return false;
  const limits = readFileSync("/proc/self/limits", "utf8");
  return KINDS.some((kind) => roomLeft(kind, limits, "") !== Number.POSITIVE_INFINITY);
}
