/** Where the channels are in an array of images, and images as (C, H, W) whatever the order. */
import { basename } from "node:path";
import type { ShardValues } from "../../dataset/npy-writer.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";

export type Layout = "auto" | "hwc" | "chw";

/** Sides of the images of an array, and where their channels are. */
export interface Laid {
  height: number;
  width: number;
  channelsLast: boolean;
}

/**
 * How an array of images (N, H, W, C), (N, C, H, W) or (N, H, W) is laid out.
 *
 * @throws ArcletError when its shape does not have `channels` channels, or can be read both ways
 */
export function laidOut(path: string, shape: readonly number[], channels: number, layout: Layout): Laid {
  const channelsLast = channelsAreLast(path, shape, channels, layout);
  const [height, width] = shape.length === 3 || channelsLast ? shape.slice(1, 3) : shape.slice(2, 4);
  return { height: height!, width: width!, channelsLast };
}

/** Pixels (H, W, C) or (C, H, W) as (C, H, W): bytes stay bytes, everything else becomes float32. */
export function channelsFirst(
  values: ArrayLike<number>,
  channels: number,
  { height, width, channelsLast }: Laid,
): ShardValues {
  const size = channels * height * width;
  const image = values instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);
  if (!channelsLast || channels === 1) {
    image.set(values);
    return image;
  }
  const plane = height * width;
  for (let c = 0, i = 0; c < channels; c++)
    for (let p = 0; p < plane; p++) image[i++] = values[p * channels + c]!;
  return image;
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
    throw new ArcletError({
      where,
      code: "missing",
      problem: `shape [${shape}] can be read both ways`,
      fix: "give layout hwc or chw",
    });
  return layout === "hwc" || (layout === "auto" && last);
}
