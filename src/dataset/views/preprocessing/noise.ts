/** A band's noise over many images, to scale flux by. */
import { refuse } from "../../../foundation/errors.ts";
import { SIGMA_PER_MAD } from "../../../foundation/statistics.ts";
import { evenlySpaced } from "../../../foundation/thinning.ts";
import { lowerMedianOf } from "../../../torch/median.ts";
import { tidy } from "../../../torch/scope.ts";
import { type Fitting, finiteImages } from "./kind.ts";

/** Images that a band's noise is estimated from. */
const SAMPLE = 512;

/** The flux of one unit in each band: as given, else the band's noise. */
export function scaleOf(from: Fitting): { scale: number[] } {
  const { bands } = from.domain.info;
  const given = from.options.scale;
  if (given === null) return { scale: noiseOf(from) };
  if (given.length !== 1 && given.length !== bands.length)
    refuse(from.where, "scale", `one number, or one for each of ${bands.join(", ")}`, given);
  return { scale: bands.map((_, c) => given[c] ?? given[0]!) };
}

/**
 * 1.4826 × the median absolute deviation over up to 512 images, evenly spaced in `rows`: most pixels are sky.
 *
 * @throws ArcletError for a band in which half the pixels are the same
 */
function noiseOf({ domain, rows, where }: Fitting): number[] {
  const sample = evenlySpaced(rows, SAMPLE);
  return tidy(() => {
    const images = finiteImages(domain, sample); // (N, C, H, W)
    return domain.info.bands.map((band, c) => {
      const x = images.select(1, c).reshape([-1]);
      const deviation = x.sub(lowerMedianOf(x)).abs();
      const sigma = SIGMA_PER_MAD * lowerMedianOf(deviation);
      if (!(sigma > 0)) refuse(where, `band ${band}`, "noisy (half its pixels are the same)", sigma);
      return sigma;
    });
  });
}
