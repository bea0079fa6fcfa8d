/** A test input and its output, made by the network itself, for whoever runs an exported graph elsewhere. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { calibrated, correctPrior } from "../../adapt/calibration/calibrator.ts";
import { NpyWriter } from "../../dataset/npy-writer.ts";
import { guarded, refuseLink } from "../../foundation/files.ts";
import { Draws } from "../../foundation/random.ts";
import type { Floats } from "../../onnx/runtime.ts";
import { noGrad } from "../../torch/autograd.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Model } from "../model.ts";
import { asInput, predict } from "../predict.ts";
import type { GraphOptions } from "./whole-model.ts";

export interface TestPair {
  images: Floats;
  /** By the graph's names. */
  outputs: Record<string, Floats>;
}

const IMAGES = 4;
const BRIGHTEST = 255;

/** Galaxies from faint to bright on noise of unit deviation, in the unit of the pixels; display ones whole numbers of a byte. */
function testImages({ preprocessing, shape }: Model["info"]): Floats {
  const [bands, height, width] = shape;
  const draws = new Draws(1);
  const data = new Float32Array(IMAGES * bands * height * width);
  for (let i = 0, at = 0; i < IMAGES; i++)
    for (let band = 0; band < bands; band++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const r = Math.hypot(x - (width - 1) / 2, (y - (height - 1) / 2) * 1.3);
          const flux = 3 ** (i + 1) * (1 + 0.2 * band) * Math.exp(-r / (0.08 * width)) + draws.normal();
          data[at++] =
            preprocessing.pixels === "flux"
              ? flux
              : Math.round(Math.min(BRIGHTEST, Math.max(0, 40 + 10 * flux)));
        }
  return { data, shape: [IMAGES, ...shape] };
}

/** By the ways of `score`, none of which is the graph's: libtorch's fastest one, and the calibration in plain numbers. */
export function testPair(model: Model, options: GraphOptions): TestPair {
  const { info, network } = model;
  const images = testImages(info);
  const K = info.classes.length;
  return tidy(() => {
    const pixels = tensor(images.data, images.shape);
    const { logits, probabilities } = predict(model, pixels);
    const z = logits.data() as Float32Array;
    const column = (values: ArrayLike<number>): Floats => ({
      data: Float32Array.from({ length: IMAGES }, (_, i) => values[i * K + options.positive]!),
      shape: [IMAGES],
    });
    const outputs: Record<string, Floats> = {
      logits: { data: z, shape: [IMAGES, K] },
      score: column(probabilities.data() as Float32Array),
    };
    if (options.calibrated !== null) {
      const { by, prior } = options.calibrated;
      const own = calibrated(info.calibration!, by, z);
      outputs.calibrated = column(correctPrior(own, info.calibration!.prior, prior));
    }
    if (options.map) {
      const { map } = noGrad(() => network.encoder.mapped(asInput(info.preprocessing, pixels, "cpu")));
      outputs.map = { data: map.to("float32").contiguous().data() as Float32Array, shape: [...map.shape] };
    }
    return { images, outputs };
  });
}

/** Whether a folder has what `writeTestPair` writes, to the byte, and nothing else. It is written beside it to be compared. */
export function holdsTestPair(folder: string, pair: TestPair): boolean {
  if (!lstatSync(folder).isDirectory()) return false;
  const partial = `${folder}.partial`;
  refuseLink(partial);
  rmSync(partial, { recursive: true, force: true });
  guarded(partial, () => mkdirSync(partial));
  try {
    writeTestPair(partial, pair);
    const [own, found] = [partial, folder].map((path) => readdirSync(path).sort()) as [string[], string[]];
    const same = (name: string) =>
      lstatSync(join(folder, name)).isFile() &&
      readFileSync(join(folder, name)).equals(readFileSync(join(partial, name)));
    return own.join("/") === found.join("/") && own.every(same);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Writes `images.npy` and a file for each output into a folder that is there. */
export function writeTestPair(folder: string, { images, outputs }: TestPair): void {
  for (const [name, { data, shape }] of Object.entries({ images, ...outputs })) {
    const file = new NpyWriter(join(folder, `${name}.npy`), "f4", shape.slice(1));
    file.append(data, shape[0]!);
    file.close();
  }
}
