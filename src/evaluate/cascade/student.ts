/**
 * The small network of a cascade. It sees means of few pixels, stretched by a square root, which costs a twentieth of asinh, and
 * convolves them three times: on two cores it takes tens of microseconds an image.
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
import { cat, tensor } from "../../torch/create.ts";
import { avgPool2d, relu_ } from "../../torch/neural.ts";
import { Generator } from "../../torch/random.ts";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "../../torch/safetensors.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

const whole = z.number().int().min(1);

const studentConfig = z.strictObject({
  /** Side of the squares of pixels that become one. */
  pool: whole,
  /** Of each band, what is one unit: noise, about. */
  scale: z.array(z.number().positive()).min(1),
  /** Channels of each convolution; all but the first halve the sides. */
  widths: z.array(whole).min(1),
});

export type StudentConfig = z.output<typeof studentConfig>;

/** Squares are such that a side has about so many of them: lenses' arcs are wider. */
const SIDE = 32;
export const poolOf = (height: number, width: number): number =>
  Math.max(1, Math.round(Math.min(height, width) / SIDE));

export const WIDTHS = [16, 32, 64];

/** State `convs.0.weight`, `norms.0.weight`, …, `last.weight`, `last.bias`. */
export class Student extends Module {
  readonly config: StudentConfig;
  private readonly convs: readonly Conv2d[];
  private readonly norms: readonly BatchNorm[];
  private readonly last: Linear;

  constructor(config: StudentConfig, generator: Generator) {
    super();
    this.config = config;
    const { scale, widths } = config;
    const inputs = [scale.length, ...widths];
    const options = (i: number) => ({
      ...{ padding: 1, bias: false, init: init.kaimingNormal },
      stride: i === 0 ? 1 : 2,
    });
    this.convs = this.childList(
      "convs",
      widths.map((width, i) => new Conv2d(inputs[i]!, width, 3, generator, options(i))),
    );
    this.norms = this.childList(
      "norms",
      widths.map((width) => new BatchNorm(width)),
    );
    this.last = this.child("last", new Linear(2 * widths[widths.length - 1]!, 1, generator));
  }

  /** x (B, C, h, w), as `pooled` makes it → log odds (B) */
  override forward(x: Tensor): Tensor {
    const scaled = x.div(tensor(this.config.scale, [1, this.config.scale.length, 1, 1]));
    const stretched = scaled.mul(scaled.abs().add(1).rsqrt());
    const map = this.convs.reduce(
      (y, conv, i) => relu_(conv.normed(y, this.norms[i]!)),
      stretched.contiguous("channels_last"),
    ); // (B, F, h', w')
    const features = cat([map.mean([2, 3]), map.max([2, 3])], 1);
    return this.last.forward(features).squeeze(1);
  }
}

/**
 * Means of squares of pixels, (B, C, H, W) as stored → (B, C, H / pool, W / pool) float32; pixels left over at the edge are left
 * out.
 *
 * @param locate the location to report for an image with a pixel that is not finite, by its index in the batch
 */
export function pooled(images: Tensor, pool: number, locate: (index: number) => string | Location): Tensor {
  const x = images.to("float32");
  const means = pool === 1 ? x : avgPool2d(x, pool);
  if (images.dtype === "uint8") return means;
  // A mean is finite if its pixels are, unless they overflow or are left over: only then are all pixels looked at.
  const whole = images.shape[2]! % pool === 0 && images.shape[3]! % pool === 0;
  const good = whole && means.sum().isfinite().item() === 1;
  if (!good) checkFinite(x, locate);
  return means;
}

const METADATA_KEY = "arclet_student";

export function writeStudent(path: string, student: Student): void {
  writeSafetensors(path, student.state(), { [METADATA_KEY]: JSON.stringify(student.config) });
}

/** In eval mode. The caller disposes it. @throws ArcletError for a file that is none, or was changed */
export function readStudent(path: string): Student {
  const text = readSafetensorsMetadata(path)[METADATA_KEY] ?? "null";
  const config = checked(path, studentConfig, parsed(text), {
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
