/** WebGPU, where the browser has it. */
import * as ort from "onnxruntime-web/webgpu";
import { type Engine, type Shape, scored, stacked } from "./engine.ts";
import { webgpuRuntime } from "./runtime.ts";

/** As much of the browser's `navigator.gpu` as is used; TypeScript's DOM has none of it yet. */
interface WithGpu {
  gpu?: { requestAdapter(): Promise<object | null> };
}

/** Whether the browser has a GPU to compute on. */
export async function hasWebgpu(): Promise<boolean> {
  const adapter = await (navigator as WithGpu).gpu?.requestAdapter();
  return adapter !== null && adapter !== undefined;
}

/** @throws Error if ONNX Runtime can't run the file there */
export async function webgpuEngine(model: Uint8Array, shape: Shape): Promise<Engine> {
  ort.env.wasm.wasmBinary = await webgpuRuntime();
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(model, { executionProviders: ["webgpu"] });
  return {
    name: "WebGPU",
    batch: 64,
    run: (images) => scored(ort, session, stacked(images, shape), shape),
    close: () => void session.release(),
  };
}
