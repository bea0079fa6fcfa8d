/**
 * Pan-STARRS1 stacks from the PS1 image cutout service (https://outerspace.stsci.edu/display/PANSTARRS/PS1+Image+Cutout+Service):
 * `ps1filenames.py` lists the images of a position as a table, `fitscut.cgi` makes a cutout of one of them, e.g.
 *   https://ps1images.stsci.edu/cgi-bin/ps1filenames.py?ra=10&dec=20&filters=gri&type=stack
 *   https://ps1images.stsci.edu/cgi-bin/fitscut.cgi?ra=10&dec=20&size=64&format=fits&red=/rings.v3.skycell/…unconv.fits
 * The service asks for at most ten requests at a time. Beyond the survey the list is empty; beyond an image pixels are NaN.
 */
import { type Archive, degrees, withQuery } from "./archive.ts";

export const panstarrs: Archive = {
  name: "panstarrs",
  title: "Pan-STARRS1 3π stacks",
  documentation: "https://outerspace.stsci.edu/display/PANSTARRS/PS1+Image+Cutout+Service",
  base: "https://ps1images.stsci.edu",
  bands: ["g", "r", "i", "z", "y"],
  pixelScale: 0.25,
  resamples: false,
  layer: "stack",
  mostSize: 6000,
  more: 0,
  index: ({ ra, dec, layer }, bands) => ({
    path: withQuery("/cgi-bin/ps1filenames.py", {
      ra: degrees(ra),
      dec: degrees(dec),
      filters: bands.join(""),
      type: layer,
    }),
    read: filesByBand,
  }),
  path: ({ ra, dec, size }, _, file) =>
    withQuery("/cgi-bin/fitscut.cgi", {
      ra: degrees(ra),
      dec: degrees(dec),
      size,
      format: "fits",
      red: file,
    }),
};

/** The first file of each band, in the list's order. */
export function filesByBand(answer: string): ReadonlyMap<string, string> | null {
  const [header, ...lines] = answer.trim().split(/\r?\n/);
  const names = header!.trim().split(/\s+/);
  const [filter, filename] = [names.indexOf("filter"), names.indexOf("filename")];
  if (filter < 0 || filename < 0) return null;
  const files = new Map<string, string>();
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    const [band, file] = [words[filter], words[filename]];
    if (words.length !== names.length || !/^\/[\w./+-]+$/.test(file ?? "")) return null;
    if (!files.has(band!)) files.set(band!, file!);
  }
  return files;
}
