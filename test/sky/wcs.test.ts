import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { fitsBytes, readFits } from "../../src/sky/fits.ts";
import type { CardValue } from "../../src/sky/fits-header.ts";
import { Wcs } from "../../src/sky/wcs.ts";

const RAD = Math.PI / 180;
const tan = (changes: Record<string, CardValue> = {}) => ({
  CTYPE1: "RA---TAN",
  CTYPE2: "DEC--TAN",
  CRVAL1: 150,
  CRVAL2: 40,
  CRPIX1: 11,
  CRPIX2: 21,
  CD1_1: -5e-5,
  CD1_2: 1e-5,
  CD2_1: 2e-5,
  CD2_2: 6e-5,
  ...changes,
});
function wcsOf(header: Record<string, CardValue>): Wcs {
  const [image] = readFits(fitsBytes([{ data: new Float32Array(4), shape: [2, 2], header }]));
  return new Wcs(image!.header, "test");
}

/** The gnomonic projection by hand (Calabretta & Greisen 2002, section 5.1.3): tangent-plane degrees to sky. */
function deprojected(xi: number, eta: number, ra0: number, dec0: number): [number, number] {
  const [x, y, d] = [xi * RAD, eta * RAD, dec0 * RAD];
  const ra = ra0 * RAD + Math.atan2(x, Math.cos(d) - y * Math.sin(d));
  const dec = Math.atan2(
    (Math.sin(d) + y * Math.cos(d)) * Math.cos(ra - ra0 * RAD),
    Math.cos(d) - y * Math.sin(d),
  );
  return [ra / RAD, dec / RAD];
}

test("pixels convert to sky by the tangent plane, and back", () => {
  const wcs = wcsOf(tan());
  const pixels = Float64Array.from([10, 20, 0, 0, 500, -300, 1234.5, 777.25]);
  const sky = wcs.toSky(pixels);
  for (let k = 0; k < pixels.length; k += 2) {
    const [dx, dy] = [pixels[k]! - 10, pixels[k + 1]! - 20]; // the reference pixel counts from 1
    const want = deprojected(-5e-5 * dx + 1e-5 * dy, 2e-5 * dx + 6e-5 * dy, 150, 40);
    expect(sky[k]).toBeCloseTo(want[0], 10);
    expect(sky[k + 1]).toBeCloseTo(want[1], 10);
  }
  wcs.toPixels(sky).forEach((value, k) => {
    expect(value).toBeCloseTo(pixels[k]!, 7);
  });
  wcs.close();
});

test("the pixel scale is the square root of a pixel's area, across RA 360 too", () => {
  const want = 3600 * Math.sqrt(5e-5 * 6e-5 + 1e-5 * 2e-5);
  for (const ra of [150, 0, 359.99999]) {
    const wcs = wcsOf(tan({ CRVAL1: ra }));
    expect(wcs.pixelScale(10, 20)).toBeCloseTo(want, 8);
    wcs.close();
  }
});

test("SIP distortion moves pixels by its polynomial", () => {
  const wcs = wcsOf({
    ...tan({ CTYPE1: "RA---TAN-SIP", CTYPE2: "DEC--TAN-SIP" }),
    A_ORDER: 2,
    A_2_0: 1e-5,
    B_ORDER: 2,
    B_1_1: -2e-5,
  });
  const [u, v] = [100, -50];
  const [x, y] = [u + 1e-5 * u * u, v - 2e-5 * u * v];
  const want = deprojected(-5e-5 * x + 1e-5 * y, 2e-5 * x + 6e-5 * y, 150, 40);
  const sky = wcs.toSky(Float64Array.from([u + 10, v + 20]));
  expect(sky[0]).toBeCloseTo(want[0], 9);
  expect(sky[1]).toBeCloseTo(want[1], 9);
  wcs.close();
});

test("positions off the projection are NaN, and don't affect the others", () => {
  const wcs = wcsOf(tan());
  const pixels = wcs.toPixels(Float64Array.from([330, -40, 150, 40, NaN, 0]));
  expect([...pixels.slice(0, 2)]).toEqual([NaN, NaN]);
  expect(pixels[2]).toBeCloseTo(10, 7);
  expect(pixels[4]).toBeNaN();
  wcs.close();
});

test("a header without RA and Dec is refused, naming the file", () => {
  expect(() => wcsOf({})).toThrow(/^test: world coordinates: the header has no/);
  expect(() => wcsOf(tan({ CTYPE1: "GLON-TAN", CTYPE2: "GLAT-TAN" }))).toThrow(
    /^test: world coordinates must be RA and DEC, got "GLON/,
  );
  expect(() => wcsOf(tan({ CD1_1: 0, CD1_2: 0 }))).toThrow(/^test: world coordinates: .*[Ss]ingular/);
});

const real = "../shared/data/fits/CFHTLS-test_g.fits";
test.skipIf(!existsSync(real))("a real CFHTLS frame has 0.186 arcsec pixels and its position", () => {
  const wcs = new Wcs(readFits(real)[0]!.header, real);
  expect(wcs.pixelScale(220, 220)).toBeCloseTo(0.186, 4);
  const [ra, dec] = wcs.toSky(Float64Array.from([220, 220]));
  expect(ra).toBeCloseTo(215.54, 1);
  expect(dec).toBeCloseTo(52.78, 1);
  expect(wcs.frame).toBe("ICRS");
  wcs.close();
});
