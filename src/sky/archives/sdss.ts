/**
 * SDSS through the Legacy Surveys' viewer, whose layer `sdss` holds its frames resampled to the pixel scale asked for, e.g.
 *   https://www.legacysurvey.org/viewer/fits-cutout?ra=180&dec=10&layer=sdss&pixscale=0.396&bands=r&size=64
 * SDSS's own services cut out pictures (JPEG) or give whole frames. Pixel scale 0.396 (York et al. 2000, AJ 120, 1579).
 */
import { viewer } from "./legacy.ts";

export const sdss = viewer({
  name: "sdss",
  title: "SDSS, by the Legacy Surveys' viewer",
  bands: ["g", "r", "i"],
  pixelScale: 0.396,
  layer: "sdss",
});
