/** The frames of a field, opened: bands, zero points, gains, weights, and whether their pixels are aligned. */
import { refuse } from "../../foundation/errors.ts";
import type { BandInput } from "../../sky/frames/detect-frame.ts";
import { FrameImage } from "../../sky/frames/frame-image.ts";
import { bandOf, positiveCard, zeroPointOf } from "../../sky/measure/frame.ts";
import type { DetectConfig } from "./config.ts";

export interface Field {
  bands: BandInput[];
  /** AB magnitude of one flux unit; null if neither the user nor the header gives it. */
  zeroPoints: (number | null)[];
  mask: FrameImage | undefined;
  close(): void;
}

/** Largest offset between bands, pixels. */
const MOST_OFFSET = 0.1;

/** @throws ArcletError naming the frame when it can't be read, its band is unknown, or it is not aligned */
export function openField(config: DetectConfig): Field {
  const { frames, weights, hdu, blank } = config;
  for (const key of ["bands", "weights"] as const)
    if (config[key] !== undefined && config[key].length !== frames.length)
      refuse("detect", key, `one per frame (${frames.length})`, config[key]);
  const opened: FrameImage[] = [];
  const open = (path: string, noData: number | null) => {
    const image = new FrameImage(path, { hdu: parseHdu(hdu), blank: noData });
    opened.push(image);
    return image;
  };
  const close = () => {
    for (const image of opened) image.close();
  };
  try {
    const images = frames.map((path) => open(path, blank));
    const bands = images.map((image, k) => ({
      name: config.bands?.[k] ?? nameOf(image, frames.length),
      image,
      weight: weights === undefined ? undefined : open(weights[k]!, null),
      gain: each(config.gain, k, frames, "gain") ?? positiveCard(image, ["GAIN", "EGAIN"])?.value ?? 0,
      saturation: positiveCard(image, ["SATURATE", "SATLEVEL"])?.value ?? Infinity,
    }));
    const names = bands.map(({ name }) => name);
    const twice = names.find((name, k) => names.indexOf(name) < k);
    if (twice !== undefined) refuse("detect", "bands", "all different", names);
    const zeroPoints = images.map(
      (image, k) => each(config.zeroPoint, k, frames, "zeroPoint") ?? zeroPointOf(image)?.value ?? null,
    );
    const mask = config.mask === null ? undefined : open(config.mask, null);
    refuseApart(images);
    return { bands, zeroPoints, mask, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** An HDU as the user gives it: a number or an EXTNAME. */
export const parseHdu = (hdu: string | null): string | number | undefined =>
  hdu === null ? undefined : /^\d+$/.test(hdu) ? Number(hdu) : hdu;

function nameOf(image: FrameImage, frames: number): string {
  const name = bandOf(image);
  if (name === undefined && frames > 1)
    refuse(image.path, "FILTER", "a known band (or give --bands)", image.header.get("FILTER"));
  return name ?? "";
}

function each(values: readonly number[] | undefined, k: number, frames: readonly string[], key: string) {
  if (values === undefined) return undefined;
  if (values.length !== 1 && values.length !== frames.length)
    refuse("detect", key, `one, or one per frame (${frames.length})`, values);
  return values[k] ?? values[0];
}

/** Refuses frames whose pixels are not aligned with the first one's. */
function refuseApart([first, ...others]: FrameImage[]): void {
  const { width, height, wcs } = first!;
  const [x, y] = [width - 1, height - 1];
  const pixels = Float64Array.from([0, 0, x, 0, 0, y, x, y, x / 2, y / 2]);
  const sky = wcs.toSky(pixels);
  for (const other of others) {
    const mapped = other.wcs.toPixels(sky);
    const apart = mapped.map((value, i) => Math.abs(value - pixels[i]!)).reduce((a, b) => Math.max(a, b), 0);
    if (!(apart <= MOST_OFFSET))
      refuse(
        other.path,
        "pixels",
        `aligned with those of ${first!.path}, to ${MOST_OFFSET} pixels (resample them to one grid first)`,
        `${apart.toFixed(2)} pixels apart`,
      );
  }
}
