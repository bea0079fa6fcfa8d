/** Which engine computes: WebGPU where it is present, equal on the user's own images, and faster. */
import type { Engine, EngineName, Outputs } from "./engine.ts";
import { hasWebgpu } from "./webgpu.ts";

/** Scores that differ by no more are equal. */
const EQUAL = 1e-3;
/** Images that both are tried on. */
export const TRIED = 16;

export type Wish = "automatic" | EngineName;

export interface Choice {
  engine: Engine;
  /** Why, in words. */
  because: string;
}

interface Trial {
  outputs: Outputs;
  ms: number;
}

/** The second of two runs, since the first prepares. */
async function tried(engine: Engine, images: readonly Float32Array[]): Promise<Trial> {
  await engine.run(images);
  const start = performance.now();
  const outputs = await engine.run(images);
  return { outputs, ms: performance.now() - start };
}

/** The largest difference of two arrays; NaN where one of them has one that the other lacks. */
function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => {
    const off = Number.isNaN(value) && Number.isNaN(b[i]!) ? 0 : Math.abs(value - b[i]!);
    return Number.isNaN(off) ? off : Math.max(most, off);
  }, 0);
}

/**
 * @param images of the user, that both are tried on
 * @throws Error if what was asked for can't be had
 */
export async function chosenEngine(
  wasm: Engine,
  openWebgpu: () => Promise<Engine>,
  wish: Wish,
  images: readonly Float32Array[],
): Promise<Choice> {
  if (wish === "WebAssembly") return { engine: wasm, because: "as you chose" };
  if (!(await hasWebgpu())) {
    if (wish === "WebGPU") throw new Error("this browser offers no WebGPU here; choose another");
    return { engine: wasm, because: "this browser offers no WebGPU here" };
  }
  try {
    return await compared(wasm, await openWebgpu(), wish, images);
  } catch (error) {
    if (wish === "WebGPU") throw error;
    return { engine: wasm, because: `WebGPU can't run this file: ${error}` };
  }
}

async function compared(
  wasm: Engine,
  webgpu: Engine,
  wish: Wish,
  images: readonly Float32Array[],
): Promise<Choice> {
  const ours = await tried(wasm, images);
  const theirs = await tried(webgpu, images);
  const off = furthest(ours.outputs.score, theirs.outputs.score);
  if (!(off <= EQUAL))
    return { engine: wasm, because: `WebGPU's scores differ by ${off}, so it is not used` };
  const times = `${images.length} images took ${Math.round(theirs.ms)} ms by WebGPU, ${Math.round(ours.ms)} ms by WebAssembly`;
  if (wish === "automatic" && theirs.ms >= ours.ms) return { engine: wasm, because: times };
  return { engine: webgpu, because: `${times}; its scores are WebAssembly's to ${off.toExponential(0)}` };
}
