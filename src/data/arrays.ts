/** Arrays of cutouts as people have them, read image by image as a dataset holds them. */
import { basename } from "node:path";
import { ArcletError, refuse } from "../foundation/errors.ts";
import type { PixelKind } from "./info.ts";
import { NpyReader, type NpyValues } from "./npy.ts";
import type { ShardValues } from "./npy-writer.ts";

export type Layout = "auto" | "hwc" | "chw";

/** One array, its images read as (C, H, W), cropped to the centre. */
export class CutoutArray {
  readonly path: string;
  readonly name: string;
  readonly pixels: PixelKind;
  readonly height: number;
  readonly width: number;
  private readonly reader: NpyReader;
  private readonly channels: number;
  private readonly channelsLast: boolean;

  /** @throws ArcletError when it can't be read, or its shape has not `channels` channels */
  constructor(path: string, channels: number, layout: Layout) {
    this.path = path;
    this.name = basename(path);
    this.reader = new NpyReader(path);
    this.channels = channels;
    const { shape, kind } = this.reader.header;
    this.pixels = kind === "u1" ? "display" : "flux";
    try {
      this.channelsLast = channelsAreLast(path, shape, channels, layout);
    } catch (error) {
      this.reader.close();
      throw error;
    }
    const [height, width] = shape.length === 3 || this.channelsLast ? shape.slice(1, 3) : shape.slice(2, 4);
    this.height = height!;
    this.width = width!;
  }

  get length(): number {
    return this.reader.length;
  }

  close(): void {
    this.reader.close();
  }

  /** Image `index`, its central height × width pixels (C, height, width); none may be larger than the image. */
  image(index: number, height: number, width: number): ShardValues {
    const values = this.reader.read(index);
    const size = this.channels * height * width;
    const image = this.pixels === "display" ? new Uint8Array(size) : new Float32Array(size);
    const top = (this.height - height) >> 1;
    const left = (this.width - width) >> 1;
    const [perChannel, perPixel] = this.channelsLast ? [1, this.channels] : [this.height * this.width, 1];
    copyCrop(values, image, {
      channels: this.channels,
      height,
      width,
      top,
      left,
      stride: this.width,
      perChannel,
      perPixel,
    });
    return image;
  }
}

interface Crop {
  channels: number;
  height: number;
  width: number;
  top: number;
  left: number;
  /** Pixels from one line of the image to the next. */
  stride: number;
  perChannel: number;
  perPixel: number;
}

function copyCrop(from: NpyValues, to: ShardValues, crop: Crop): void {
  let at = 0;
  for (let c = 0; c < crop.channels; c++)
    for (let y = 0; y < crop.height; y++) {
      const line = c * crop.perChannel + ((crop.top + y) * crop.stride + crop.left) * crop.perPixel;
      for (let x = 0; x < crop.width; x++) to[at++] = from[line + x * crop.perPixel]!;
    }
}

function channelsAreLast(path: string, shape: readonly number[], channels: number, layout: Layout): boolean {
  const where = basename(path);
  if (shape.length !== 3 && shape.length !== 4)
    refuse(where, "shape", "(N, H, W, C), (N, C, H, W) or (N, H, W)", shape);
  if (shape.includes(0)) refuse(where, "shape", "without zeros", shape);
  if (shape.length === 3) {
    if (channels !== 1) refuse(where, "shape", `of ${channels} channels (as many as bands)`, shape);
    return true;
  }
  const first = shape[1] === channels;
  const last = shape[3] === channels;
  const fits = layout === "hwc" ? last : layout === "chw" ? first : first || last;
  if (!fits) refuse(where, "shape", `of ${channels} channels (as many as bands)`, shape);
  if (layout === "auto" && first && last)
    throw new ArcletError(`${where}: shape [${shape}] may be read both ways; say layout hwc or chw`);
  return layout === "hwc" || (layout === "auto" && last);
}

/**
 * Opens all arrays of an import; they must be all uint8 or all not.
 *
 * @returns by file name
 */
export function openArrays(
  paths: readonly string[],
  channels: number,
  layout: Layout,
): Map<string, CutoutArray> {
  const arrays = new Map<string, CutoutArray>();
  try {
    for (const path of paths) {
      const array = new CutoutArray(path, channels, layout);
      const first = arrays.values().next().value;
      const before = arrays.get(array.name);
      if (before === undefined) arrays.set(array.name, array);
      else array.close();
      if (before) throw new ArcletError(`${path}: has the same file name as ${before.path}; rename one`);
      if (first && first.pixels !== array.pixels)
        throw new ArcletError(
          `${path}: holds ${array.pixels} pixels, ${first.name} holds ${first.pixels} pixels; import them apart`,
        );
    }
  } catch (error) {
    closeArrays(arrays);
    throw error;
  }
  return arrays;
}

export function closeArrays(arrays: Map<string, CutoutArray>): void {
  for (const array of arrays.values()) array.close();
}
