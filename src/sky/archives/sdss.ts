/**
 * SDSS from the Legacy Surveys' viewer, whose layer `sdss` has its frames resampled to the requested pixel scale, e.g.
 *   https://www.legacysurvey.org/viewer/fits-cutout?ra=180&dec=10&layer=sdss&pixscale=0.396&bands=r&size=64
 * SDSS's own services offer pictures (JPEG) or whole frames. Pixel scale 0.396 (York et al. 2000, AJ 120, 1579).
 */
import { viewer } from "./legacy.ts";

export const sdss = viewer({
  name: "sdss",
  title: "SDSS, from the Legacy Surveys' viewer",
  bands: ["g", "r", "i"],
  pixelScale: 0.396,
  layer: "sdss",
});
