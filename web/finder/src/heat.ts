/**
 * Occlusion (Zeiler & Fergus 2014, arXiv 1311.2901, section 4.2) as `arclet explain` does it: a patch of the image's own sky
 * level slides over the image, and a pixel's heat is the mean drop of the logit over all patches that hide it.
 *
 * The grid is filled in stages, and there is a map after each: every second patch alone is a whole map, only coarser.
 */
import { type Corner, type Patches, patchesOf } from "./patches.ts";

/** The rim whose median is the sky, as a part of the shorter side. */
const RIM = 1 / 12;

export interface Size {
  channels: number;
  height: number;
  width: number;
}

/** The map by the patches that are done. */
export interface Heat {
  /** (H, W) the mean drop of the logit */
  map: Float32Array;
  /** Patches done; all of them in the last map. */
  done: number;
  of: Patches;
}

/** The lower median of each band's rim. */
export function skyLevels(image: Float32Array, { channels, height, width }: Size): number[] {
  const rim = Math.max(1, Math.round(Math.min(height, width) * RIM));
  return Array.from({ length: channels }, (_, c) => {
    const values: number[] = [];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (Math.min(y, x, height - 1 - y, width - 1 - x) < rim)
          values.push(image[(c * height + y) * width + x]!);
    values.sort((a, b) => a - b);
    return values[(values.length - 1) >> 1]!;
  });
}

/**
 * @param image (C, H, W)
 * @param whole the image's own logit
 * @param logits of images
 * @returns a map after each stage
 */
export async function* occlusionHeat(
  image: Float32Array,
  size: Size,
  whole: number,
  logits: (images: readonly Float32Array[]) => Promise<Float32Array>,
): AsyncGenerator<Heat> {
  const { channels, height, width } = size;
  const plane = height * width;
  const of = patchesOf(height, width);
  const sky = skyLevels(image, size);
  const rows = ({ top, left }: Corner, act: (from: number, to: number) => void) => {
    for (let y = top; y < top + of.window; y++) act(y * width + left, y * width + left + of.window);
  };
  const hidden = (corner: Corner) => {
    const copy = image.slice();
    for (let c = 0; c < channels; c++)
      rows(corner, (from, to) => copy.fill(sky[c]!, c * plane + from, c * plane + to));
    return copy;
  };
  const sum = new Float32Array(plane);
  const count = new Float32Array(plane);
  let done = 0;
  for (const corners of of.stages) {
    const made = await logits(corners.map(hidden));
    for (const [k, corner] of corners.entries())
      rows(corner, (from, to) => {
        for (let at = from; at < to; at++) {
          sum[at]! += whole - made[k]!;
          count[at]! += 1;
        }
      });
    done += corners.length;
    yield { map: sum.map((drop, at) => drop / count[at]!), done, of };
  }
}
