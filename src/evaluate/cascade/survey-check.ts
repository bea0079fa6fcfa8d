/** Refuses images of another survey, or in another unit, than those that a cascade is for. */
import type { ImageInfo } from "../../dataset/dataset.ts";
import { ArcletError } from "../../foundation/errors.ts";
import type { Cascade } from "./file.ts";

/** Zero points that differ by less than this are the same. */
const CLOSE = 0.01;

/**
 * @param whose what the images are compared with, e.g. `the cascade was made for`
 * @throws ArcletError for another survey or zero point, where both are known
 */
export function checkSurvey(
  where: string,
  info: Pick<ImageInfo, "survey" | "zeroPoint">,
  { survey, zeroPoint }: Cascade["images"],
  whose: string,
): void {
  const refused = (has: string, needs: string) =>
    new ArcletError({
      where,
      code: "conflict",
      problem: `has ${has}, ${whose} ${needs}`,
      fix: "arclet cascade makes one for these images",
    });
  if (info.survey !== null && survey !== null && info.survey !== survey)
    throw refused(`images of ${info.survey}`, survey);
  if (info.zeroPoint !== undefined && zeroPoint !== null && Math.abs(info.zeroPoint - zeroPoint) >= CLOSE)
    throw refused(`fluxes of zero point ${info.zeroPoint}`, `zero point ${zeroPoint}`);
}

/** What images of all these datasets are of. @throws ArcletError when they are not of one survey, or in one unit */
export function surveyOfAll(
  datasets: readonly { folder: string; info: Pick<ImageInfo, "survey" | "zeroPoint"> }[],
  finder: string | null,
): Cascade["images"] {
  let images: Cascade["images"] = { survey: finder, zeroPoint: null };
  datasets.forEach(({ folder, info }, i) => {
    checkSurvey(
      folder,
      info,
      images,
      i === 0 ? "the finder is for" : "the finder and datasets before it are of",
    );
    images = { survey: images.survey ?? info.survey, zeroPoint: images.zeroPoint ?? info.zeroPoint ?? null };
  });
  return images;
}
