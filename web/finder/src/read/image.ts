/** An image in the browser's memory, and how it is cut to a finder's size. */

export interface Image {
  name: string;
  channels: number;
  height: number;
  width: number;
  /** (channels, height, width), row-major. */
  pixels: Float32Array;
  /** Whether the file holds bytes for display rather than flux. */
  display: boolean;
}

/** What a finder takes. */
export interface Wanted {
  bands: readonly string[];
  height: number;
  width: number;
  pixels: string;
}

/**
 * The middle of an image, as `arclet import` takes it.
 *
 * @returns the pixels, or why the finder can't take the image
 */
export function fitted(image: Image, wanted: Wanted): Float32Array | string {
  const { channels, height, width, pixels, display } = image;
  const kind = display ? "display" : "flux";
  if (kind !== wanted.pixels) return `has ${kind} pixels, the finder takes ${wanted.pixels}`;
  if (channels !== wanted.bands.length)
    return `has ${channels} ${channels === 1 ? "band" : "bands"}, the finder takes ${wanted.bands.join(", ")}`;
  if (height < wanted.height || width < wanted.width)
    return `is ${height} × ${width} pixels, the finder takes ${wanted.height} × ${wanted.width}`;
  const [top, left] = [(height - wanted.height) >> 1, (width - wanted.width) >> 1];
  const out = new Float32Array(channels * wanted.height * wanted.width);
  for (let c = 0, at = 0; c < channels; c++)
    for (let y = 0; y < wanted.height; y++, at += wanted.width) {
      const from = (c * height + top + y) * width + left;
      out.set(pixels.subarray(from, from + wanted.width), at);
    }
  return out.every(Number.isFinite) ? out : "has pixels that are not finite";
}
