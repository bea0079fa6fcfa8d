/** A digit set as a dataset folder: any `.npy` images with a `.npy` of labels, brought to one size and one channel. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { imageHash } from "../../src/dataset/hash.ts";
import type { Split } from "../../src/dataset/info.ts";
import { NpyReader } from "../../src/dataset/npy.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { ArcletError } from "../../src/foundation/errors.ts";
import { permutation } from "../../src/foundation/random.ts";
import { tensor } from "../../src/torch/create.ts";
import { resize } from "../../src/torch/neural.ts";
import { tidy } from "../../src/torch/scope.ts";

/** Side of all images, as MNIST has it. */
export const SIZE = 28;
const EVERY = 512;

export interface Files {
  images: string;
  labels: string;
}

export interface DigitSet {
  name: string;
  train: Files;
  /** Without one, every fifth training image is held out as the test. */
  test: Files | null;
}

interface Part {
  images: NpyReader;
  labels: number[];
}

function open({ images, labels }: Files): Part {
  const reader = new NpyReader(images);
  const of = new NpyReader(labels);
  const list = Array.from(of.read(0, of.length));
  of.close();
  if (list.length !== reader.length)
    throw new ArcletError({
      where: labels,
      code: "conflict",
      problem: `has ${list.length} labels, ${images} has ${reader.length} images`,
    });
  return { images: reader, labels: list };
}

/** Items from `start` on as (B, 1, SIZE, SIZE) bytes: colours averaged, bilinear, floats of 0 to 1 or 0 to 255. */
function read({ images }: Part, start: number, count: number, scale: number): Uint8Array {
  const shape = images.itemShape; // (H, W), (H, W, C) or (C, H, W)
  const channels = shape.length === 2 ? null : shape[0]! <= 4 ? 1 : 3;
  return tidy(() => {
    const stored = tensor(Float32Array.from(images.read(start, count)), [count, ...shape]);
    const grey = (channels === null ? stored : stored.mean(channels)).unsqueeze(1).mul(scale); // (B, 1, H, W)
    return resize(grey.contiguous(), [SIZE, SIZE]).round().clamp(0, 255).to("uint8").data() as Uint8Array;
  });
}

/** By what images must be multiplied to span 0 to 255: those of 0 to 1 by 255. */
function scaleOf({ images }: Part): number {
  const some = images.read(0, Math.min(100, images.length));
  return Float64Array.from(some).reduce((most, x) => Math.max(most, x), 0) <= 1 ? 255 : 1;
}

/**
 * Writes the set once. Training images are divided 9:1 into train and val; those that are in the test to the last pixel
 * are left out.
 */
export async function writeDigits(
  folder: string,
  { name, train, test }: DigitSet,
  seed: number,
): Promise<void> {
  if (existsSync(folder)) return;
  const parts: [Part, (i: number) => Split][] = [];
  const trained = open(train);
  const order = permutation(trained.labels.length, seed);
  const place = new Int32Array(order.length);
  order.forEach((at, i) => {
    place[at] = i;
  });
  const held = (i: number): Split => {
    const tenth = place[i]! % 10;
    if (test === null && tenth >= 8) return "test";
    return tenth === 0 ? "val" : "train";
  };
  if (test !== null) parts.push([open(test), () => "test"]);
  parts.push([trained, held]);
  const classes = [...new Set(parts.flatMap(([part]) => part.labels))].sort((a, b) => a - b).map(String);
  const spec = {
    name,
    survey: null,
    bands: ["grey"],
    pixelScale: 1,
    classes,
    pixels: "display" as const,
    shape: [1, SIZE, SIZE] as [number, number, number],
    provenance: {
      command: "bench/digits",
      files: [train, test].flatMap((files) => (files ? [basename(files.images)] : [])),
    },
  };
  const splitOf = new Map<string, Split>();
  let left = 0;
  await writeDataset(folder, spec, async (writer) => {
    for (const [p, [part, splitAt]] of parts.entries()) {
      const scale = scaleOf(part);
      for (let start = 0; start < part.images.length; start += EVERY) {
        const count = Math.min(EVERY, part.images.length - start);
        const bytes = read(part, start, count, scale);
        for (let i = 0; i < count; i++) {
          const image = bytes.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE);
          const [hash, split] = [imageHash(image), splitAt(start + i)];
          const before = splitOf.get(hash);
          if (before !== undefined && before !== split) {
            left++;
            continue;
          }
          splitOf.set(hash, split);
          const id = `${name}-${p}-${start + i}`;
          writer.append(image, [{ id, group: id, split, label: String(part.labels[start + i]) }]);
        }
      }
      part.images.close();
    }
  });
  console.log(`${folder}: ${left} images left out that are in another split to the last pixel`);
}
