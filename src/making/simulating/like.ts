/** The settings of a simulation whose images are to be like a dataset's. */
import { join } from "node:path";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { ArcletError } from "../../foundation/errors.ts";

import { surveys } from "../../sky/surveys/registry.ts";
import type { SimulateConfig } from "./config.ts";

/** What a dataset determines. */
export type LikeDataset = Pick<SimulateConfig, "bands" | "pixels" | "size" | "pixelScale">;

export interface Like {
  settings: LikeDataset;
  /** The dataset's survey, if it names one that can be imitated. */
  survey: string | undefined;
  /** AB magnitude of one unit of its flux, if it is known and the same for all images. */
  zeroPoint: number | undefined;
}

/**
 * Bands and their order, kind of pixels, size and pixel scale of a dataset folder.
 *
 * @throws ArcletError when it is no dataset folder, or its images are not square
 */
export function likeDataset(folder: string): Like {
  const info = readInfo(join(folder, INFO_FILE));
  const [, height, width] = info.shape;
  if (height !== width)
    throw new ArcletError({
      where: folder,
      code: "unsupported",
      problem: `has images of ${height} × ${width} pixels, simulated ones are square`,
      fix: "import them with --size",
    });
  const { bands, pixels, pixelScale, survey, zeroPoint } = info;
  return {
    settings: { bands, pixels, size: height, pixelScale },
    survey: survey !== null && surveys.has(survey) ? survey : undefined,
    zeroPoint,
  };
}

/**
 * A network reads fluxes as they are, so that both domains must have one unit.
 *
 * @throws ArcletError when the dataset's fluxes are in another unit than the one that was asked for
 */
export function refuseOtherUnit(
  folder: string,
  { zeroPoint }: Pick<Like, "zeroPoint">,
  { pixels, zeroPoint: asked }: Pick<SimulateConfig, "pixels" | "zeroPoint">,
): void {
  if (pixels !== "flux" || zeroPoint === undefined || asked === null || Math.abs(zeroPoint - asked) < 0.01)
    return;
  throw new ArcletError({
    where: folder,
    code: "conflict",
    problem: `has fluxes of zero point ${zeroPoint}, --zero-point asks for ${asked}`,
    fix: `leave --zero-point out, or import it with --to-zero-point ${asked}`,
  });
}

/** What was taken from a dataset, in words. */
export const likeText = ({ bands, pixels, size, pixelScale }: LikeDataset): string =>
  `${pixels} of ${bands?.join(", ")}, ${size} pixels of ${pixelScale} arcsec`;
