/** The machine, and libtorch on it. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { refuse } from "../foundation/errors.ts";
import { readJson } from "../foundation/files.ts";
import { doorPath, type MachineFacts, native } from "./native.ts";
import type { MemoryFormat } from "./tensor.ts";

export type { MachineFacts } from "./native.ts";
export { doorPath } from "./native.ts";

/** What libtorch offers on this machine. @throws ArcletError if the native door is not built */
export const machine = (): MachineFacts => native().machine();

/** What the door was built from. */
export interface BuildRecord {
  /** Where libtorch was found, in words. */
  from: string;
  /** Its version. */
  version: string;
  /** The folder of its libraries. */
  libraries: string;
}

/** The record that the build left beside the door; undefined if there is none. */
export function buildRecord(): BuildRecord | undefined {
  const path = join(dirname(doorPath), "torch.stamp.json");
  return existsSync(path) ? (readJson(path) as BuildRecord) : undefined;
}

/** libtorch's version. From the build's record if possible, since libtorch takes most of a second to load. */
export const torchVersion = (): string => buildRecord()?.version ?? machine().torch;

/**
 * The device of that name: `auto` is the first GPU if libtorch has CUDA and finds one, else the processor.
 *
 * @param requested `auto`, `cpu`, `cuda`, `cuda:1`, …
 * @throws ArcletError for a GPU if there is none that libtorch can use
 */
export function deviceNamed(requested: string): string {
  if (requested === "auto") return deviceNamed(machine().cuda ? "cuda" : "cpu");
  if (requested.startsWith("cuda") && !machine().cuda)
    refuse(
      "device",
      "device",
      "cpu, since libtorch has no CUDA or finds no GPU (see arclet doctor)",
      requested,
      "machine",
    );
  if (requested.startsWith("cuda")) onlyDeterministic();
  return requested;
}

/**
 * The fastest memory layout of images and convolution weights: channels-last on the processor; contiguous on a GPU, since
 * cuDNN compiles its channels-last kernels of depthwise convolutions while a program runs (4 to 10 s for EfficientNet on an
 * H100, whose steps of 64 images of 32 pixels then take 25 ms instead of 29).
 */
export const imageLayout = (device: string): MemoryFormat =>
  device === "cpu" ? "channels_last" : "contiguous";

/** Makes one seed give one result on a GPU too; for that cuBLAS needs a workspace setting before its first call. */
function onlyDeterministic(): void {
  process.env.CUBLAS_WORKSPACE_CONFIG ??= ":4096:8";
  setDeterministic(true);
}

/** Sets the threads of one operator. Their number changes the order of sums, hence the last bits of results. */
export const setThreads = (threads: number): void => native().setThreads(threads);

/** Use deterministic algorithms wherever libtorch has them (on CUDA; the CPU's always are). */
export const setDeterministic = (on: boolean): void => native().setDeterministic(on);
