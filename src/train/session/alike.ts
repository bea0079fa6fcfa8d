/** Whether two domains can share a network: bands go by name, pixels, scale and size must be the same. */
import type { ImageInfo, TakeBands } from "../../dataset/dataset.ts";
import { ArcletError } from "../../foundation/errors.ts";
import type { ModelInfo } from "../model.ts";

/** Pixel scales that differ by less than this part are the same. */
const CLOSE = 0.01;

/** What the other domain must be like. */
export interface Counterpart {
  /** As messages call it: `the source data/source`, `the model runs/source`. */
  name: string;
  bands: readonly string[];
  /** How to get images that fit. */
  fix: string;
}

/**
 * Takes a counterpart's bands, in its order, from a dataset that may have more, or has them in another order.
 *
 * @param folder as the user named it
 * @throws ArcletError when the dataset lacks one
 */
export const bandsOf =
  ({ name, bands, fix }: Counterpart, folder: string): TakeBands =>
  (info) => {
    const missing = bands.filter((band) => !info.bands.includes(band));
    if (missing.length === 0) return bands;
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem:
        `has the bands ${info.bands.join(", ")}, ${name} has ${bands.join(", ")}: ` +
        `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing (bands go by name)`,
      fix,
    });
  };

/** The source as what its target must be like. */
export const likeSource = (source: string, target: string, info: Pick<ImageInfo, "bands">): Counterpart => ({
  name: `the source ${source}`,
  bands: info.bands,
  fix: wayOut(target),
});

/** A model as what the images that it reads must be like. */
export const likeModel = (
  path: string,
  { preprocessing }: Pick<ModelInfo, "preprocessing">,
): Counterpart => ({
  name: `the model ${path}`,
  bands: preprocessing.bands,
  fix: "train a model on these bands, or import the images with the model's",
});

const wayOut = (target: string): string => `arclet simulate … --like ${target} makes a source that fits it`;

/** A domain by the folder that the user named. */
export interface Named {
  folder: string;
  info: ImageInfo;
}

/** Whether two zero points are known and differ. */
const otherUnit = (a: number | undefined, b: number | undefined): boolean =>
  a !== undefined && b !== undefined && Math.abs(a - b) >= 0.01;

/** @throws ArcletError when a target's pixels, unit of flux, scale or size are not the source's */
export function refuseUnlike(source: Named, target: Named): void {
  const [a, b] = [source.info, target.info];
  const unlike = (has: string, sources: string) =>
    new ArcletError({
      where: target.folder,
      code: "conflict",
      problem: `has ${has}, the source ${source.folder} has ${sources}`,
      fix: wayOut(target.folder),
    });
  if (a.pixels !== b.pixels) throw unlike(`${b.pixels} pixels`, `${a.pixels} pixels`);
  if (Math.abs(b.pixelScale / a.pixelScale - 1) > CLOSE)
    throw unlike(`pixels of ${b.pixelScale} arcsec`, `pixels of ${a.pixelScale} arcsec`);
  if (a.pixels === "flux" && otherUnit(a.zeroPoint, b.zeroPoint))
    throw unlike(`fluxes of zero point ${b.zeroPoint}`, `fluxes of zero point ${a.zeroPoint}`);
  const side = ({ shape }: ImageInfo) => `images of ${shape[1]} × ${shape[2]} pixels`;
  if (side(a) !== side(b)) throw unlike(side(b), side(a));
}
