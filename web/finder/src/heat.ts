/**
 * Occlusion (Zeiler & Fergus 2014, arXiv 1311.2901, section 4.2) as `arclet explain` does it: a patch of the image's own sky
 * level slides over the image, and a pixel's heat is the mean drop of the logit over all patches that hide it.
 */

/** The rim whose median is the sky, as a part of the shorter side. */
const RIM = 1 / 12;
/** Images that are scored together; what computes divides them. */
const BATCH = 128;
/** Patches along a side's length, which overlap by half. */
const ALONG = 5;

export interface Size {
  channels: number;
  height: number;
  width: number;
}

/** Where patches begin: from edge to edge, evenly. */
export function patchStarts(side: number, window: number, stride: number): number[] {
  const room = side - window;
  const steps = Math.ceil(room / stride);
  return Array.from({ length: steps + 1 }, (_, k) => (k === 0 ? 0 : Math.round((k * room) / steps)));
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
 * @param logits of images
 * @returns (H, W)
 */
export async function occlusionHeat(
  image: Float32Array,
  size: Size,
  logits: (images: readonly Float32Array[]) => Promise<Float32Array>,
): Promise<Float32Array> {
  const { channels, height, width } = size;
  const window = Math.max(1, Math.round(Math.min(height, width) / ALONG));
  const stride = Math.max(1, window >> 1);
  const sky = skyLevels(image, size);
  const corners = patchStarts(height, window, stride).flatMap((top) =>
    patchStarts(width, window, stride).map((left) => ({ top, left })),
  );
  const inPatch = ({ top, left }: { top: number; left: number }, act: (at: number) => void) => {
    for (let y = top; y < top + window; y++) for (let x = left; x < left + window; x++) act(y * width + x);
  };
  const [whole] = await logits([image]);
  const heat = new Float32Array(height * width);
  const count = new Float32Array(height * width);
  for (let first = 0; first < corners.length; first += BATCH) {
    const some = corners.slice(first, first + BATCH);
    const hidden = some.map((corner) => {
      const copy = image.slice();
      for (let c = 0; c < channels; c++)
        inPatch(corner, (at) => {
          copy[c * height * width + at] = sky[c]!;
        });
      return copy;
    });
    const made = await logits(hidden);
    for (const [k, corner] of some.entries())
      inPatch(corner, (at) => {
        heat[at]! += whole! - made[k]!;
        count[at]! += 1;
      });
  }
  return heat.map((sum, at) => sum / count[at]!);
}
