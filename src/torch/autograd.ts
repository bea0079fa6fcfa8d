/** Gradients and the modes around them. */
import type { DType } from "./dtype.ts";
import { native } from "./native.ts";
import { synchronous } from "./scope.ts";
import { Tensor } from "./tensor.ts";

/** Runs `body` without recording for autograd. */
export const noGrad = <T>(body: () => T): T => withGradMode(false, body);
/** Runs `body` recording for autograd, even inside `noGrad`. */
export const enableGrad = <T>(body: () => T): T => withGradMode(true, body);

function withGradMode<T>(on: boolean, body: () => T): T {
  const outer = native().setGradMode(on);
  recording = on;
  try {
    return synchronous(on ? "enableGrad" : "noGrad", body());
  } finally {
    native().setGradMode(outer);
    recording = outer;
  }
}

let recording = true;

/** Whether operators are recorded for autograd. */
export const isRecording = (): boolean => recording;

/**
 * Runs `body` with convolutions and matrix products in a lower precision where libtorch considers it safe
 * (`torch.autocast`). Parameters keep their type. With `null` nothing changes.
 */
export function autocast<T>(dtype: "bfloat16" | "float16" | null, body: () => T, device = "cpu"): T {
  if (dtype === null) return body();
  const kind = device.startsWith("cuda") ? "cuda" : "cpu";
  native().enterAutocast(dtype satisfies DType, kind);
  const outer = lowered;
  lowered = dtype;
  try {
    return synchronous("autocast", body());
  } finally {
    lowered = outer;
    native().leaveAutocast();
  }
}

let lowered: "bfloat16" | "float16" | null = null;

/** The precision of the enclosing `autocast`, or null. */
export const autocastType = (): "bfloat16" | "float16" | null => lowered;

/** What `grad` may be told. */
export interface GradOptions {
  /** d(loss)/d(output), one per output; if left out, ones, for scalar outputs. */
  outputGradients?: readonly Tensor[];
  /** Whether the graph is kept for another pass. */
  retainGraph?: boolean;
  /** Whether the gradients can themselves be differentiated. */
  createGraph?: boolean;
}

/** Gradients of the outputs' sum by each input; null for an input that the outputs do not depend on. */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const createGraph = options.createGraph ?? false;
  const handles = native().gradients(
    outputs instanceof Tensor ? [outputs] : outputs,
    inputs,
    options.outputGradients ?? null,
    options.retainGraph ?? createGraph,
    createGraph,
  );
  return handles.map((handle) => (handle === null ? null : new Tensor(handle)));
}

/** Forgets the gradients accumulated in the given leaves. */
export const clearGrads = (leaves: readonly Tensor[]): void => native().clearGrads(leaves);

/** Puts a gradient in place of the accumulated one. */
export const setGrad = (leaf: Tensor, gradient: Tensor | null): void => native().setGrad(leaf, gradient);
