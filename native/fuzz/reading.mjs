/** Reads all that a FITS file holds, and detects sources in its images, in the ways that Arclet does. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const MOST_PIXELS = 2 ** 22;

/** @param place a folder with build/sky.node and dist/ */
export async function readersOf(place) {
  const from = (file) => import(pathToFileURL(join(place, "dist", file)).href);
  const { FitsFile } = await from("sky/fits.js");
  const { Wcs } = await from("sky/wcs.js");
  const { readFitsFiles } = await from("sky/fits-batch.js");
  const { background, detect, sumCircles } = await from("sky/detect.js");
  const { ellipsesOf, halfLightRadii, kronScales, sumEllipses } = await from("sky/photometry.js");
  const { ArcletError } = await from("foundation/errors.js");
  let refused = false;
  /** What refuses is a refusal; any other error is a fault. */
  const tried = (work) => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ArcletError)) throw error;
      refused = true;
      return undefined;
    }
  };

  function coordinates(header, name) {
    const wcs = tried(() => new Wcs(header, name));
    if (wcs === undefined) return;
    const pixels = Float64Array.from([0, 0, 4, 5, -1e6, 1e9, Number.NaN, 3, 1e300, -1e300, 7.5, 7.5]);
    const sky = tried(() => wcs.toSky(pixels));
    if (sky !== undefined) tried(() => wcs.toPixels(sky));
    tried(() => wcs.toPixels(Float64Array.from([0, 90, 10.5, -3.2, 360, -90, Number.NaN, 0, 1e10, 1e10])));
    tried(() => wcs.pixelScale(4, 4));
    wcs.close();
  }

  function detected(plane, random) {
    const sides = [2, 8, 64, 500];
    const sky = tried(() => background(plane, random.of(sides), random.of([1, 3, 9])));
    const noise = random.of([1, 0.01, 1e20, sky?.sigma, sky?.sigmas].filter((one) => one instanceof Float32Array || one > 0));
    const options = {
      noise,
      threshold: random.of([0.1, 1.5, 50]),
      pixels: random.of([1, 3, 5]),
      levels: random.of([1, 32, 64]),
      contrast: random.of([0, 0.005, 1]),
      clean: random.of([0, 1]),
      kernel: random.of([undefined, null, Float32Array.from([1]), new Float32Array(15 * 15).fill(1)]),
    };
    const sources = tried(() => detect(plane, options));
    if (sources === undefined) return;
    const ellipses = ellipsesOf(sources, Array.from({ length: Math.min(sources.count, 200) }, (_, k) => k));
    const { x, y, a } = ellipses;
    tried(() => sumCircles(plane, x, y, Float64Array.from(x, () => random.of([0.1, 3, 40])), noise));
    const kron = tried(() => kronScales(plane, ellipses, sources.segments));
    const scale = kron?.scale ?? a;
    const summed = tried(() => sumEllipses(plane, ellipses, scale, noise, sources.segments, random.of([0, 1])));
    if (summed !== undefined) tried(() => halfLightRadii(plane, ellipses, summed.sum, sources.segments));
  }

  function image(file, k, hdu, random) {
    const count = hdu.shape.reduce((product, side) => product * side, 1);
    if (count === 0 || hdu.shape.length === 0 || count > MOST_PIXELS) return;
    const data = tried(() => file.read(k));
    tried(() => file.readDouble(k));
    const first = hdu.shape.map((side) => random.below(side));
    tried(() => file.read(k, { first, size: hdu.shape.map((side, d) => 1 + random.below(side - first[d])) }));
    if (data !== undefined && hdu.shape.length === 2 && random.below(4) === 0 && count < 10_000)
      detected({ data, width: hdu.shape[1], height: hdu.shape[0] }, random);
  }

  function table(file, k) {
    const found = tried(() => file.tableColumns(k));
    if (found === undefined || found.rows > 1e6) return;
    for (const [c, { kind }] of found.columns.entries()) if (kind !== "") tried(() => file.readColumn(k, c));
  }

  return {
    /** @param path of the same bytes */
    async readAll(bytes, path, random) {
      refused = false;
      const file = tried(() => (random.below(2) === 0 ? new FitsFile(bytes, "input") : new FitsFile(path)));
      if (file !== undefined) {
        for (const [k, hdu] of file.hdus.entries()) {
          const header = tried(() => file.header(k));
          if (header !== undefined) coordinates(header, "input");
          if (hdu.kind === "image") image(file, k, hdu, random);
          else table(file, k);
        }
        file.close();
      }
      if (random.below(4) === 0) await readFitsFiles([path, path], ["OBJECT", "EXPTIME"]);
      return refused ? "refused" : "read";
    },
    detectAll(plane, random) {
      refused = false;
      detected(plane, random);
      return refused ? "refused" : "read";
    },
  };
}
