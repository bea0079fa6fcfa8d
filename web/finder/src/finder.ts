/** A finder's ONNX file, run by ONNX Runtime's WebAssembly. */
import * as ort from "onnxruntime-web/wasm";
import { onnxMetadata } from "../../../src/onnx/messages.ts";
import type { Wanted } from "./read/image.ts";

declare global {
  /** ONNX Runtime's WebAssembly, gzipped, in base64: `runtime.js`. */
  var arcletRuntime: string;
}

export interface Finder extends Wanted {
  name: string;
  /** Its metadata, by key. */
  about: Readonly<Record<string, string>>;
  classes: readonly string[];
  /** Index of the class that scores are of. */
  positive: number;
  session: ort.InferenceSession;
}

export interface Scores {
  /** (N) the logit of the positive class */
  logit: Float32Array;
  /** (N) */
  score: Float32Array;
  /** (N), or null if the finder has no calibration */
  calibrated: Float32Array | null;
}

let started: Promise<void> | null = null;

/** Unpacks the WebAssembly once. With threads where the page may share memory between them, which one from a folder may not. */
function start(): Promise<void> {
  started ??= (async () => {
    const packed = Uint8Array.from(atob(globalThis.arcletRuntime), (letter) => letter.charCodeAt(0));
    const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    ort.env.wasm.wasmBinary = await new Response(unpacked).arrayBuffer();
    ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1;
    ort.env.logLevel = "error";
  })();
  return started;
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
  await start();
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  const [height, width] = JSON.parse(about.size!) as [number, number];
  const classes = JSON.parse(about.classes!) as string[];
  return {
    ...{ name, about, classes, session, height, width },
    bands: JSON.parse(about.bands!) as string[],
    pixels: about.pixels!,
    positive: classes.indexOf(about.positive!),
  };
}

/** @param images each (C, H, W), of the finder's bands and size */
export async function scoresOf(finder: Finder, images: readonly Float32Array[]): Promise<Scores> {
  const { bands, height, width, classes, positive, session } = finder;
  const each = bands.length * height * width;
  const data = new Float32Array(images.length * each);
  for (const [i, image] of images.entries()) data.set(image, i * each);
  const input = new ort.Tensor("float32", data, [images.length, bands.length, height, width]);
  const made = await session.run({ images: input });
  const values = (name: string) => made[name]!.data as Float32Array;
  const logits = values("logits");
  return {
    logit: Float32Array.from(images, (_, i) => logits[i * classes.length + positive]!),
    score: values("score").slice(),
    calibrated: made.calibrated === undefined ? null : values("calibrated").slice(),
  };
}
