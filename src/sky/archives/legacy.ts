/**
 * The DESI Legacy Imaging Surveys' viewer: it cuts FITS images out of any of its layers, at any pixel scale, e.g.
 *   https://www.legacysurvey.org/viewer/fits-cutout?ra=190.1086&dec=1.2005&layer=ls-dr10&pixscale=0.262&bands=g&size=64
 * (https://www.legacysurvey.org/dr10/description/, "Obtaining Images and Raw Data"; Dey et al. 2019, AJ 157, 168). One band
 * gives one plane, in nanomaggies per pixel. Beyond the footprint pixels are zero.
 */
import { type Archive, degrees, withQuery } from "./archive.ts";

/** The viewer for one of its layers. */
export const viewer = (
  survey: Pick<Archive, "name" | "title" | "bands" | "pixelScale" | "layer">,
): Archive => ({
  ...survey,
  documentation: "https://www.legacysurvey.org/dr10/description/",
  base: "https://www.legacysurvey.org",
  resamples: true,
  mostSize: 3000,
  more: 0,
  path: ({ ra, dec, size, pixelScale, layer }, band) =>
    withQuery("/viewer/fits-cutout", {
      ra: degrees(ra),
      dec: degrees(dec),
      layer,
      pixscale: pixelScale,
      bands: band,
      size,
    }),
});

export const legacy = viewer({
  name: "legacy",
  title: "DESI Legacy Imaging Surveys (other layers: ls-dr9, des-dr1, …)",
  bands: ["g", "r", "i", "z"],
  pixelScale: 0.262,
  layer: "ls-dr10",
});
