/** What a limit of addresses or of data (`ulimit -v`, `ulimit -d`, as some queues set them) leaves to this process. */
import { readFileSync } from "node:fs";
import { ArcletError } from "./errors.ts";

const [KIB, GIB] = [2 ** 10, 2 ** 30];

interface Kind {
  /** Of `/proc/self/limits`. */
  readonly limit: string;
  /** Of `/proc/self/status`: what counts against the limit. */
  readonly taken: string;
  readonly what: string;
  readonly option: string;
}
const KINDS = {
  addresses: { limit: "Max address space", taken: "VmSize", what: "addresses", option: "-v" },
  data: { limit: "Max data size", taken: "VmData", what: "data", option: "-d" },
} as const satisfies Record<string, Kind>;

/** Bytes by kind. */
export type MemoryNeeds = Partial<Record<keyof typeof KINDS, number>>;

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

/**
 * @param where the file, or the part of Arclet
 * @param who the library that needs it, to do what `to` says: a verb
 * @throws ArcletError when less is left than it needs
 */
export function refuseTooLittleRoom(where: string, who: string, needs: MemoryNeeds, to: string): void {
  if (process.platform !== "linux") return;
  const [limits, status] = ["limits", "status"].map((name) => readFileSync(`/proc/self/${name}`, "utf8"));
  for (const key of Object.keys(needs) as (keyof typeof KINDS)[]) {
    const kind = KINDS[key];
    const [left, needed] = [roomLeft(kind, limits!, status!), needs[key] ?? 0];
    if (left >= needed) continue;
    const [most, least] = [needed, Math.max(0, left)].map((bytes) => (bytes / GIB).toFixed(1));
    throw new ArcletError({
      where,
      code: "machine",
      problem: `too little memory is allowed: ${who} needs ${most} GiB of ${kind.what} to ${to}, ${least} are left`,
      fix: `raise ulimit ${kind.option}, or take it away`,
    });
  }
}

/** Whether addresses or data are limited. */
export function isLimited(): boolean {
  if (process.platform !== "linux") return false;
  const limits = readFileSync("/proc/self/limits", "utf8");
  return Object.values(KINDS).some((kind) => roomLeft(kind, limits, "") !== Number.POSITIVE_INFINITY);
}
