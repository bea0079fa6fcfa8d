/** The machine and libtorch as the door finds them. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { refuse } from "../foundation/errors.ts";
import { readJson } from "../foundation/files.ts";
import { doorPath, type MachineFacts, native } from "./native.ts";
import type { MemoryFormat } from "./tensor.ts";

export type { MachineFacts } from "./native.ts";
export { doorPath } from "./native.ts";

export const machine = (): MachineFacts => native().machine();

/** What the door was built from. */
export interface BuildRecord {
  from: string;
  version: string;
  libraries: string;
}

/** As the build left it beside the door; undefined when there is no record. */
export function buildRecord(): BuildRecord | undefined {
  const path = join(dirname(doorPath), "torch.stamp.json");
  return existsSync(path) ? (readJson(path) as BuildRecord) : undefined;
}

/** libtorch's version. The build's record tells it sooner than libtorch, which takes most of a second to load. */
export const torchVersion = (): string => buildRecord()?.version ?? machine().torch;

/**
 * The device that is meant: `auto` is the first GPU where libtorch has CUDA and finds one, else the processor.
 *
 * @param asked `auto`, `cpu`, `cuda`, `cuda:1`, …
 * @throws ArcletError for a GPU where there is none that libtorch can use
 */
export function deviceNamed(asked: string): string {
  if (asked === "auto") return deviceNamed(machine().cuda ? "cuda" : "cpu");
  if (asked.startsWith("cuda") && !machine().cuda)
    refuse(
      "device",
      "device",
      "cpu where libtorch has no CUDA or finds no GPU (see arclet doctor)",
      asked,
      "machine",
    );
  if (asked.startsWith("cuda")) onlyDeterministic();
  return asked;
}

/**
 * How images and convolutions' weights lie fastest in memory: channels last on the processor; on a GPU as they are, since
 * cuDNN compiles its channels-last kernels of depthwise convolutions while a program runs (4 to 10 s for EfficientNet on an
 * H100, whose steps of 64 images of 32 pixels then take 25 ms in place of 29).
 */
export const imageLayout = (device: string): MemoryFormat =>
  device === "cpu" ? "channels_last" : "contiguous";

/** One seed gives one result on a GPU as well; cuBLAS needs a workspace of its own for that, set before its first call. */
function onlyDeterministic(): void {
  process.env.CUBLAS_WORKSPACE_CONFIG ??= ":4096:8";
  setDeterministic(true);
}

/** Threads of one operator. They change a sum's order, hence the last bits of results. */
export const setThreads = (threads: number): void => native().setThreads(threads);

/** Deterministic algorithms wherever libtorch has them (on CUDA; the CPU's are already). */
export const setDeterministic = (on: boolean): void => native().setDeterministic(on);
