/**
 * From stored pixels to a network's input. A preprocessing is plain numbers and travels with the model: what was
 * measured on the source's training images is applied unchanged to every other domain. Each kind has its own file in
 * `preprocessing/`.
 */
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { type ImageDomain, type ImageInfo, nameOf, type Rows } from "../dataset.ts";
import { checkFinite, type StretchOptions, stretchOptions } from "./preprocessing/kind.ts";
import { type Preprocessing, preprocessings } from "./preprocessing/registry.ts";

export type { StretchOptions } from "./preprocessing/kind.ts";
export type { Preprocessing } from "./preprocessing/registry.ts";

/**
 * Makes a preprocessing from images, usually the source's training rows.
 *
 * @param options settings of the kind; those left out take its defaults, or are measured
 * @throws ArcletError when the kind does not suit the pixels or takes no such option, there are no rows, a pixel is not
 *   finite, or a quantity can't be measured (a band has no spread, no noise)
 */
export function fitPreprocessing(
  domain: ImageDomain,
  kind: string,
  rows: Rows,
  options: Partial<StretchOptions> = {},
): Preprocessing {
  const { bands, pixelScale, pixels } = domain.info;
  const where = `preprocessing of ${nameOf(domain)}`;
  const entry = preprocessings.find(kind, where, "kind");
  if (entry.pixels !== "any" && entry.pixels !== pixels)
    refuse(where, "kind", `other than ${kind} for ${pixels}`, kind);
  if (rows.length === 0) refuse(where, "rows", "at least one", "none");
  const given = stretchOptions.parse(options);
  for (const [key, value] of Object.entries(given))
    if (value !== null && !entry.takes.includes(key as keyof StretchOptions))
      refuse(where, `stretch.${key}`, `left out with ${kind}`, value);
  const fitted = entry.fit({ domain, rows, options: given, where });
  return { kind, version: 1, bands, pixelScale, pixels, ...fitted } as Preprocessing;
}

/** Channels of a network's input. */
export const channelsOf = (preprocessing: Preprocessing): number =>
  preprocessings.find(preprocessing.kind).channels?.(preprocessing) ?? preprocessing.bands.length;

/**
 * Applies a preprocessing.
 *
 * @param images (B, C, H, W) as stored
 * @returns (B, channels, H, W) float32
 * @throws ArcletError for a pixel that is not finite
 */
export function applyPreprocessing(preprocessing: Preprocessing, images: Tensor): Tensor {
  const bands = preprocessing.bands.length;
  if (images.ndim !== 4 || images.shape[1] !== bands)
    refuse("preprocessing", "images", `(B, ${bands}, H, W)`, images.shape);
  return tidy(() => {
    const x = images.to("float32");
    if (images.dtype !== "uint8") checkFinite(x, (index) => `preprocessing, image ${index + 1} of the batch`);
    return preprocessings.find(preprocessing.kind).apply(preprocessing, x);
  });
}

/**
 * Refuses data that a preprocessing, and so a model, was not made for: other bands, other pixels, or a pixel scale that
 * is more than 1 % off.
 */
export function checkPreprocessing(preprocessing: Preprocessing, info: ImageInfo): void {
  const wrong = (what: string, has: unknown, needs: unknown) =>
    new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has ${what} ${has}, the model was made for ${needs}`,
    });
  if (info.bands.join() !== preprocessing.bands.join()) throw wrong("bands", info.bands, preprocessing.bands);
  if (info.pixels !== preprocessing.pixels) throw wrong("pixels", info.pixels, preprocessing.pixels);
  if (Math.abs(info.pixelScale / preprocessing.pixelScale - 1) > 0.01)
    throw wrong("a pixel scale of", `${info.pixelScale} arcsec`, `${preprocessing.pixelScale} arcsec`);
}
