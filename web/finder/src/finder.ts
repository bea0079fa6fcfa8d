/** A finder's ONNX file, and what runs it. */
import { onnxMetadata } from "../../../src/onnx/messages.ts";
import { type Choice, chosenEngine, TRIED, type Wish } from "./engine/choosing.ts";
import type { Engine, Shape } from "./engine/engine.ts";
import { webgpuEngine } from "./engine/webgpu.ts";
import { wasmEngine } from "./engine/workers.ts";
import type { Wanted } from "./read/image.ts";

export interface Finder extends Wanted {
  name: string;
  /** Its metadata, by key. */
  about: Readonly<Record<string, string>>;
  classes: readonly string[];
  /** Index of the class that scores are of. */
  positive: number;
  /** What computes, chosen on the first images by each wish. */
  engine(wish: Wish, images: readonly Float32Array[]): Promise<Choice>;
  close(): void;
}

export interface Scores {
  /** (N) the logit of the positive class */
  logit: Float32Array;
  /** (N) */
  score: Float32Array;
  /** (N), or null if the finder has no calibration */
  calibrated: Float32Array | null;
}

/** Both engines of a file, WebGPU's opened when it is first wanted. */
async function engines(model: Uint8Array, shape: Shape): Promise<Pick<Finder, "engine" | "close">> {
  const wasm = await wasmEngine(model, shape);
  let webgpu: Promise<Engine> | null = null;
  const chosen = new Map<Wish, Promise<Choice>>();
  const openWebgpu = () => {
    webgpu ??= webgpuEngine(model, shape);
    return webgpu;
  };
  return {
    engine: (wish, images) => {
      const made = chosen.get(wish) ?? chosenEngine(wasm, openWebgpu, wish, images.slice(0, TRIED));
      chosen.set(wish, made);
      return made;
    },
    close: () => {
      wasm.close();
      webgpu?.then(
        ({ close }) => close(),
        () => undefined,
      );
    },
  };
}

/** @throws Error that says what is wrong with the file */
export async function openFinder(name: string, bytes: Uint8Array): Promise<Finder> {
  let about: Record<string, string>;
  try {
    about = onnxMetadata(bytes);
  } catch {
    throw new Error("is not an ONNX file");
  }
  if (about.arclet === undefined) throw new Error("was not written by arclet export-model");
  const [height, width] = JSON.parse(about.size!) as [number, number];
  const classes = JSON.parse(about.classes!) as string[];
  const bands = JSON.parse(about.bands!) as string[];
  return {
    ...{ name, about, classes, bands, height, width },
    pixels: about.pixels!,
    positive: classes.indexOf(about.positive!),
    ...(await engines(bytes, [bands.length, height, width])),
  };
}

/** @param images each (C, H, W), of the finder's bands and size */
export async function scoresOf(
  { classes, positive }: Finder,
  engine: Engine,
  images: readonly Float32Array[],
): Promise<Scores> {
  const { logits, score, calibrated } = await engine.run(images);
  const logit = Float32Array.from(images, (_, i) => logits[i * classes.length + positive]!);
  return { logit, score, calibrated };
}
