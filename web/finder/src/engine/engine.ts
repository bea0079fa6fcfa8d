/** What computes a finder's scores in the page: WebAssembly on all cores, or WebGPU. */
import type * as ort from "onnxruntime-web/wasm";

/** The finder's outputs for N images. */
export interface Outputs {
  /** (N, K) */
  logits: Float32Array;
  /** (N) */
  score: Float32Array;
  /** (N), or null if the finder has no calibration */
  calibrated: Float32Array | null;
}

export type EngineName = "WebAssembly" | "WebGPU";

export interface Engine {
  name: EngineName;
  /** Images that are best scored together. */
  batch: number;
  /** @param images each (C, H, W), of the finder's bands and size */
  run(images: readonly Float32Array[]): Promise<Outputs>;
  close(): void;
}

/** (C, H, W) */
export type Shape = readonly [number, number, number];

/** Images one after the other: (N, C, H, W). */
export function stacked(images: readonly Float32Array[], shape: Shape): Float32Array {
  const each = shape[0] * shape[1] * shape[2];
  const data = new Float32Array(images.length * each);
  for (const [i, image] of images.entries()) data.set(image, i * each);
  return data;
}

/** The parts' outputs as one. */
export function joined(parts: readonly Outputs[]): Outputs {
  const all = (key: keyof Outputs) => {
    const arrays = parts.map((part) => part[key]).filter((values) => values !== null);
    const made = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const values of arrays) {
      made.set(values, at);
      at += values.length;
    }
    return made;
  };
  const calibrated = parts.some((part) => part.calibrated === null) ? null : all("calibrated");
  return { logits: all("logits"), score: all("score"), calibrated };
}

/** What both engines do with ONNX Runtime, each with its own build of it. */
export async function scored(
  runtime: Pick<typeof ort, "Tensor">,
  session: ort.InferenceSession,
  data: Float32Array,
  shape: Shape,
): Promise<Outputs> {
  const count = data.length / (shape[0] * shape[1] * shape[2]);
  const made = await session.run({ images: new runtime.Tensor("float32", data, [count, ...shape]) });
  const values = (name: string) => (made[name]!.data as Float32Array).slice();
  return {
    logits: values("logits"),
    score: values("score"),
    calibrated: made.calibrated === undefined ? null : values("calibrated"),
  };
}
