/** One core's share: a finder run by ONNX Runtime's WebAssembly on one thread. */
import * as ort from "onnxruntime-web/wasm";
import { type Outputs, type Shape, scored } from "./engine.ts";

export type Asked =
  | { kind: "open"; id: number; runtime: ArrayBuffer; model: Uint8Array; shape: Shape }
  | { kind: "score"; id: number; data: Float32Array };

export type Answered = { id: number; outputs?: Outputs; problem?: string };

let opened: { session: ort.InferenceSession; shape: Shape } | null = null;

async function answer(asked: Asked): Promise<Outputs | undefined> {
  if (asked.kind === "score") return scored(ort, opened!.session, asked.data, opened!.shape);
  ort.env.wasm.wasmBinary = asked.runtime;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(asked.model, { executionProviders: ["wasm"] });
  opened = { session, shape: asked.shape };
  return undefined;
}

self.onmessage = async ({ data }: MessageEvent<Asked>) => {
  let answered: Answered;
  try {
    const outputs = await answer(data);
    answered = outputs === undefined ? { id: data.id } : { id: data.id, outputs };
  } catch (error) {
    answered = { id: data.id, problem: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(answered);
};
