/**
 * The small network of a cascade. It sees means of few pixels around the middle, stretched by a square root, which is
 * cheaper than asinh, and convolves them four times: on one core it takes about a quarter of a millisecond an image.
 */
import { z } from "zod";
import { checkFinite } from "../../dataset/views/preprocessing/kind.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import type { Location } from "../../foundation/errors.ts";
import { BatchNorm } from "../../nn/batchnorm.ts";
import { Conv2d } from "../../nn/conv2d.ts";
import * as init from "../../nn/init.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { autocast } from "../../torch/autograd.ts";
import { cat, tensor } from "../../torch/create.ts";
import type { TypedArray } from "../../torch/dtype.ts";
import { Generator } from "../../torch/random.ts";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "../../torch/safetensors.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

const whole = z.number().int().min(1);

const layerConfig = z.strictObject({
  channels: whole,
  /** Side, in pixels; odd. */
  kernel: whole,
  stride: whole,
});

const studentConfig = z.strictObject({
  /** Side of the squares of pixels that become one. */
  pool: whole,
  /** Most squares on a side that are seen, around the middle. */
  seen: whole,
  /** Of each band, what is one unit: noise, about. */
  scale: z.array(z.number().positive()).min(1),
  /** Convolutions, each with a batch norm and a ReLU. */
  layers: z.array(layerConfig).min(1),
  /** Of the convolutions, but for training: its threshold is of its log odds in this arithmetic. */
  precision: z.enum(["float32", "bfloat16"]).default("float32"),
});

export type StudentConfig = z.output<typeof studentConfig>;

/** Of 0.2.0: all squares are seen, kernels have 3 pixels, and all layers but the first halve the sides. */
const earlierConfig = z
  .strictObject({ pool: whole, scale: studentConfig.shape.scale, widths: z.array(whole).min(1) })
  .transform(
    ({ pool, scale, widths }): StudentConfig => ({
      ...{ pool, scale, seen: Number.MAX_SAFE_INTEGER, precision: "float32" },
      layers: widths.map((channels, i) => ({ channels, kernel: 3, stride: i === 0 ? 1 : 2 })),
    }),
  );

/** Squares are such that a side has about so many of them: lenses' arcs are wider. */
const SIDE = 32;
export const poolOf = (height: number, width: number): number =>
  Math.max(1, Math.round(Math.min(height, width) / SIDE));

/** Of 32 squares on a side: the outer ones hold neighbours, and nearly as many more would take twice the time. */
export const SEEN = 24;
export const LAYERS: StudentConfig["layers"] = [
  { channels: 32, kernel: 5, stride: 2 },
  { channels: 48, kernel: 3, stride: 1 },
  { channels: 96, kernel: 3, stride: 2 },
  { channels: 96, kernel: 3, stride: 1 },
];

/** State `convs.0.weight`, `norms.0.weight`, …, `last.weight`, `last.bias`. */
export class Student extends Module {
  readonly config: StudentConfig;
  private readonly convs: readonly Conv2d[];
  private readonly norms: readonly BatchNorm[];
  private readonly last: Linear;

  constructor(config: StudentConfig, generator: Generator) {
    super();
    this.config = config;
    const { scale, layers } = config;
    const inputs = [scale.length, ...layers.map(({ channels }) => channels)];
    this.convs = this.childList(
      "convs",
      layers.map(({ channels, kernel, stride }, i) => {
        const options = { stride, padding: (kernel - 1) / 2, bias: false, init: init.kaimingNormal };
        return new Conv2d(inputs[i]!, channels, kernel, generator, options);
      }),
    );
    this.norms = this.childList(
      "norms",
      layers.map(({ channels }) => new BatchNorm(channels)),
    );
    this.last = this.child("last", new Linear(2 * inputs[inputs.length - 1]!, 1, generator));
  }

  /** x (B, C, h, w), as `pooled` makes it → log odds (B) */
  override forward(x: Tensor): Tensor {
    const scaled = x.div(tensor(this.config.scale, [1, this.config.scale.length, 1, 1]));
    const stretched = scaled.mul(scaled.abs().add(1).rsqrt());
    const lower = this.training || this.config.precision === "float32" ? null : this.config.precision;
    const convolved = autocast(lower, () =>
      this.convs.reduce(
        (y, conv, i) => conv.normed(y, this.norms[i]!, { activation: "relu" }),
        stretched.contiguous("channels_last"),
      ),
    );
    const map = convolved.to("float32"); // (B, F, h', w')
    const features = cat([map.mean([2, 3]), map.max([2, 3])], 1);
    return this.last.forward(features).squeeze(1);
  }
}

/**
 * Means of squares of pixels around the middle, (B, C, H, W) as stored → (B, C, h, w) float32, where h and w are at most `seen`.
 *
 * @param locate the location to report for an image with a pixel that is not finite, by its index in the batch
 */
export function pooled(
  images: Tensor,
  { pool, seen }: Pick<StudentConfig, "pool" | "seen">,
  locate: (index: number) => string | Location,
): Tensor {
  const x = images.to("float32");
  // A sum is finite if its pixels are, unless it overflows: only then is each looked at.
  if (images.dtype !== "uint8" && x.sum().isfinite().item() !== 1) checkFinite(x, locate);
  const middle = [2, 3].reduce((part, axis) => {
    const size = x.shape[axis]!;
    const kept = pool * Math.min(seen, Math.floor(size / pool));
    return part.narrow(axis, Math.floor((size - kept) / 2), kept);
  }, x);
  return pool === 1 ? middle.contiguous() : squareMeans(middle, pool);
}

/** Means of squares, (B, C, h·pool, w·pool) → (B, C, h, w): rows added, then columns, in a tenth of avgPool2d's time. */
function squareMeans(x: Tensor, pool: number): Tensor {
  const summed = [2, 3].reduce((y, axis) => {
    const every = (first: number) => y.slice(axis, first, undefined, pool);
    return Array.from({ length: pool - 1 }, (_, i) => every(i + 1)).reduce(
      (sum, one) => sum.add(one),
      every(0),
    );
  }, x);
  return summed.div(pool ** 2);
}

/** A student as a message to another thread. */
export interface StudentData {
  readonly config: StudentConfig;
  readonly state: readonly { name: string; values: TypedArray; shape: readonly number[] }[];
}

export const studentData = (student: Student): StudentData => ({
  config: student.config,
  state: [...student.state()].map(([name, value]) => ({ name, values: value.data(), shape: value.shape })),
});

/** In eval mode. The caller disposes it. */
export function studentFrom({ config, state }: StudentData): Student {
  const student = tidy(() => new Student(config, new Generator(0))).layout("channels_last");
  tidy(() => {
    const tensors = state.map(({ name, values, shape }) => [name, tensor(values, shape)] as const);
    student.load(new Map(tensors));
  });
  return student.train(false);
}

const METADATA_KEY = "arclet_student";

export function writeStudent(path: string, student: Student): void {
  writeSafetensors(path, student.state(), { [METADATA_KEY]: JSON.stringify(student.config) });
}

/** In eval mode. The caller disposes it. @throws ArcletError for a file that is none, or was changed */
export function readStudent(path: string): Student {
  const text = readSafetensorsMetadata(path)[METADATA_KEY] ?? "null";
  const config = checked(path, z.union([studentConfig, earlierConfig]), parsed(text), {
    whole: "its metadata",
    code: "broken",
  });
  const { tensors } = readSafetensors(path);
  const student = tidy(() => new Student(config, new Generator(0))).layout("channels_last");
  try {
    tidy(() => void student.load(tensors, { where: path }));
    return student.train(false);
  } catch (error) {
    student.dispose();
    throw error;
  } finally {
    for (const one of tensors.values()) one.dispose();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
