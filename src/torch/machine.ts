/** The machine and libtorch as the door finds them. */
import { type MachineFacts, native } from "./native.ts";

export type { MachineFacts } from "./native.ts";
export { doorPath } from "./native.ts";

export const machine = (): MachineFacts => native.machine();

/** Threads of one operator. They change a sum's order, hence the last bits of results. */
export const setThreads = (threads: number): void => native.setThreads(threads);

/** Deterministic algorithms wherever libtorch has them (on CUDA; the CPU's are already). */
export const setDeterministic = (on: boolean): void => native.setDeterministic(on);
