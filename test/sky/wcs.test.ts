import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fitsBytes, readFits } from "../../src/sky/fits.ts";
import { type CardValue, Header } from "../../src/sky/fits-header.ts";
import { axesOf } from "../../src/sky/frames/frame-index.ts";
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
  expect(() => wcsOf(tan({ CTYPE1: "HLON-TAN", CTYPE2: "HLAT-TAN" }))).toThrow(
    /^test: world coordinates are in HLON.*, which can't be turned to ICRS/,
  );
  expect(() => wcsOf(tan({ RADESYS: "GAPPT" }))).toThrow(/are in RA, RADESYS GAPPT, which can't/);
  expect(() => wcsOf(tan({ CD1_1: 0, CD1_2: 0 }))).toThrow(/^test: world coordinates: .*[Ss]ingular/);
});

/** Frames of 0.18″ pixels at 150, 2; what astropy 5.2.1 gives for pixel (40, 25). */
const small = { CRVAL2: 2, CRPIX1: 32.5, CRPIX2: 32.5, CD1_1: -5e-5, CD1_2: 0, CD2_1: 0, CD2_2: 5e-5 };
test.for<[string, Record<string, CardValue>, number, number]>([
  ["FK4 B1950", { RADESYS: "FK4", EQUINOX: 1950 }, 150.64469657726357, 1.757804802170313],
  ["an equinox of 1950 alone", { EQUINOX: 1950 }, 150.64469657726357, 1.757804802170313],
  ["the old EPOCH card", { EPOCH: 1950 }, 150.64469657726357, 1.757804802170313],
  ["galactic", { CTYPE1: "GLON-TAN", CTYPE2: "GLAT-TAN" }, 63.37012570066244, 53.8947571615396],
])("%s coordinates are turned to ICRS, and back", ([, cards, ra, dec]) => {
  const wcs = wcsOf(tan({ ...small, ...cards }));
  const sky = wcs.toSky(Float64Array.of(40, 25));
  expect(sky[0]).toBeCloseTo(ra, 8);
  expect(sky[1]).toBeCloseTo(dec, 8);
  const back = wcs.toPixels(sky);
  expect(back[0]).toBeCloseTo(40, 5);
  expect(back[1]).toBeCloseTo(25, 5);
  wcs.close();
});

test("exponents with D, and a comment in Latin-1, change nothing", () => {
  const [image] = readFits(fitsBytes([{ data: new Float32Array(4), shape: [2, 2], header: tan() }]));
  const card = (text: string) => text.padEnd(80);
  const text = image!.header.text
    .replace(/CRVAL1 {2}=.{71}/, card("CRVAL1  =              1.50D+02 / mesur\xe9 \xe0 la main"))
    .replace(/CD1_1 {3}=.{71}/, card("CD1_1   =              -5.0d-05"));
  const plain = wcsOf(tan());
  const wcs = new Wcs(new Header(text), "test");
  const pixels = Float64Array.of(500, -300);
  expect([...wcs.toSky(pixels)]).toEqual([...plain.toSky(pixels)]);
  expect(new Header(text).number("CRVAL1")).toBe(150);
});

const tpv = { CTYPE1: "RA---TPV", CTYPE2: "DEC--TPV" };
const polynomials = {
  ...{ PV1_0: 0.001, PV1_1: 1.01, PV1_2: 0.002, PV1_4: 0.3, PV1_5: -0.2, PV1_7: 2 },
  ...{ PV2_0: -0.002, PV2_1: 0.99, PV2_2: 0.003, PV2_4: -0.1, PV2_5: 0.2, PV2_6: 0.4 },
};
/** The polynomials by hand: xi and eta of the tangent plane, degrees. */
function distorted(x: number, y: number): [number, number] {
  const { PV1_0, PV1_1, PV1_2, PV1_4, PV1_5, PV1_7, PV2_0, PV2_1, PV2_2, PV2_4, PV2_5, PV2_6 } = polynomials;
  return [
    PV1_0 + PV1_1 * x + PV1_2 * y + PV1_4 * x * x + PV1_5 * x * y + PV1_7 * x ** 3,
    PV2_0 + PV2_1 * y + PV2_2 * x + PV2_4 * y * y + PV2_5 * y * x + PV2_6 * x * x,
  ];
}

test.for<[string, Record<string, CardValue>]>([
  ["TPV", tpv],
  ["SCAMP's TAN", {}],
  [
    "TPV with CDELT and PC",
    { ...tpv, CDELT1: -5e-5, CDELT2: 6e-5, PC1_1: 1, PC1_2: -0.2, PC2_1: 1 / 3, PC2_2: 1 },
  ],
])("%s: polynomials of the tangent plane", ([, cards]) => {
  const all = { ...tan(cards), ...polynomials };
  if ("CDELT1" in cards)
    for (const key of ["CD1_1", "CD1_2", "CD2_1", "CD2_2"]) delete (all as Record<string, CardValue>)[key];
  const wcs = wcsOf(all);
  const [dx, dy] = [490, -320];
  const want = deprojected(...distorted(-5e-5 * dx + 1e-5 * dy, 2e-5 * dx + 6e-5 * dy), 150, 40);
  const sky = wcs.toSky(Float64Array.of(500, -300));
  expect(sky[0]).toBeCloseTo(want[0], 9);
  expect(sky[1]).toBeCloseTo(want[1], 9);
  expect(wcs.toPixels(sky)[0]).toBeCloseTo(500, 6);
  wcs.close();
});

test("TPV turned by CROTA is the same as by CD; a linear term that is left out is 1", () => {
  const [sin, cos] = [Math.sin(0.3), Math.cos(0.3)];
  const without = { ...tan(tpv), ...polynomials } as Record<string, CardValue>;
  for (const key of ["CD1_1", "CD1_2", "CD2_1", "CD2_2"]) delete without[key];
  const turned = wcsOf({ ...without, CDELT1: -5e-5, CDELT2: 6e-5, CROTA2: (0.3 * 180) / Math.PI });
  const matrix = { CD1_1: -5e-5 * cos, CD1_2: -6e-5 * sin, CD2_1: -5e-5 * sin, CD2_2: 6e-5 * cos };
  const same = wcsOf({ ...without, ...matrix });
  const pixels = Float64Array.of(500, -300);
  turned.toSky(pixels).forEach((value, k) => {
    expect(value).toBeCloseTo(same.toSky(pixels)[k]!, 10);
  });
  const bare = wcsOf(tan(tpv)).toSky(pixels);
  wcsOf(tan())
    .toSky(pixels)
    .forEach((value, k) => {
      expect(bare[k]).toBeCloseTo(value, 10);
    });
});

test("PV cards that may mean two things are refused; the standard's own are not", () => {
  const first = { PV1_0: 0.0001, PV1_1: 1.0005, PV1_2: 0.0002 };
  expect(() => wcsOf({ ...tan(), ...first, PV2_0: -0.0001, PV2_1: 0.9995, PV2_2: 0.0001 })).toThrow(
    /^test: world coordinates: PV2_0 is no parameter of CTYPE RA---TAN; .* write TPV in place of TAN/,
  );
  // Taken as the standard has them, these move the reference point to where the plane has no scale.
  expect(() => wcsOf({ ...tan(), ...first }).pixelScale(10, 20)).toThrow(
    /its pixels are 3\.\d+e-9 arcsec on the sky .* but 0\.204 by its linear terms/,
  );
  const plain = wcsOf(tan()).toSky(Float64Array.of(500, -300));
  const harmless: Record<string, CardValue>[] = [
    { PV1_1: 0, PV1_2: 90, PV1_3: 180 },
    { PV1_0: 0, PV1_1: 1, PV1_2: 0, PV2_0: 0, PV2_1: 1, PV2_2: 0 }, // SCAMP's, and no distortion
    { CTYPE1: "RA---TAN-SIP", CTYPE2: "DEC--TAN-SIP", A_ORDER: 2, B_ORDER: 2, ...polynomials }, // both, as PTF writes
  ];
  for (const cards of harmless) {
    const sky = wcsOf(tan(cards)).toSky(Float64Array.of(500, -300));
    expect(sky[0]).toBeCloseTo(plain[0]!, 10);
    expect(sky[1]).toBeCloseTo(plain[1]!, 10);
  }
});

test("the scale and the axes hold at the pole", () => {
  const wcs = wcsOf(tan({ CRVAL2: 90, CD1_1: -5e-5, CD1_2: 0, CD2_1: 0, CD2_2: 5e-5 }));
  expect(wcs.pixelScale(10, 20)).toBeCloseTo(0.18, 9);
  expect(wcs.pixelScale(10.25, 20.5)).toBeCloseTo(0.18, 9);
  expect(axesOf(wcs, 10, 21)).toMatchObject({ mirrored: false, pixelScale: expect.closeTo(0.18, 9) });
  wcs.close();
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

/** Found by scripts/fuzz-native.sh: WCSLIB 7.12 read or wrote beyond its memory. */
test.each<[string, Record<string, CardValue>]>([
  // Freed memory, when the preparation for a table failed.
  [
    "a look-up table",
    tan({ CTYPE1: "WAVE-TAB", PS1_0: "TABLE", PS1_1: "COORDS", PV1_1: 1, PV1_2: 1, PV1_3: 1.5 }),
  ],
  // A null pointer, since no card of the distortion could be read.
  ["a SIP coefficient that is a text", tan({ A_9_9: "STOKES" })],
  ["a plate's number that is a text", tan({ PLTRAH: "one", CNPIX1: "two" })],
  ["a plate's sign that is a number", tan({ PLTDECSN: -64 })],
  ["a line of WAT before the first", tan({ WAT1_000: "system=image", WAT2_000: "wtype=tnx" })],
])("a header with %s is read without it, or refused", (_, header) => {
  try {
    const wcs = wcsOf(header);
    const [ra, dec] = wcs.toSky(Float64Array.from([10, 20]));
    expect(ra).toBeCloseTo(150, 10);
    expect(dec).toBeCloseTo(40, 10);
    wcs.close();
  } catch (error) {
    expect((error as Error).message).toMatch(/^test: world coordinates: /);
    expect(header.CTYPE1).toBe("WAVE-TAB");
  }
});

/** What IRAF writes of an axis (TNX's registration): kind, orders, cross terms, the ranges of x and y, coefficients. */
const wat = (polynomial: string, type = "tnx") => {
  const text = `wtype=${type} axtype=ra lngcor = "${polynomial} "`;
  return [text.slice(0, 68), text.slice(68)] as const; // as IRAF does: lines are joined without a blank
};
const tnx = (one: string, two = one, type?: string) => {
  const [first, second] = [wat(one, type), wat(two, type)];
  return {
    ...tan({ CTYPE1: "RA---TNX", CTYPE2: "DEC--TNX" }),
    WAT1_001: first[0],
    WAT1_002: first[1],
    WAT2_001: second[0],
    WAT2_002: second[1],
  };
};

test("TNX of one shift moves the tangent plane by it", () => {
  // Kind 3 is a sum of monomials; order 1 is the constant alone, in degrees.
  const wcs = wcsOf(tnx("3. 1. 1. 0. -1. 1. -1. 1. 0.001"));
  const [ra, dec] = wcs.toSky(Float64Array.from([10, 20]));
  const want = deprojected(0.001, 0.001, 150, 40);
  expect([ra, dec]).toEqual([expect.closeTo(want[0], 9), expect.closeTo(want[1], 9)]);
  wcs.close();
});

/** Read by hand in WCSLIB's source: each would be written beyond its memory, or onto its stack. */
test.each<[string, Record<string, CardValue>, RegExp | null]>([
  [
    "orders that differ between axes",
    tnx("3. 4. 4. 2. -1. 1. -1. 1. 1. 2.", "3. 2. 2. 2. -1. 1. -1. 1. 1. 2."),
    /other kinds or orders/,
  ],
  [
    "a negative order",
    tnx("3. -9. 4. 1. -1. 1. -1. 1. 1. 2."),
    /not those of TNX or ZPX \(control numbers\)/,
  ],
  ["a huge order", tnx("3. 99999 99999 1. -1. 1. -1. 1. 1. 2."), /control numbers/],
  [
    "nothing behind its type",
    { ...tnx("3. 1. 1. 0. 1"), WAT1_001: "wtype=tnx axtype=ra", WAT1_002: "x" },
    /no polynomial/,
  ],
  ["a type of sixty letters", { ...tnx("3. 1. 1. 0. 1"), WAT1_001: `wtype=${"t".repeat(60)}` }, null],
  [
    "numbers in place of lines",
    { ...tnx("3. 1. 1. 0. 1"), WAT1_001: 1, WAT1_002: 2, WAT2_001: 3, WAT2_002: 4 },
    null,
  ],
  ["a parameter without a number", tnx("3. 1. 1. 0. -1. 1. -1. 1. 0.1", `3. projpx=5`, "zpx"), /projp/],
])("TNX with %s is read without it, or refused", (_, header, message) => {
  if (message !== null) expect(() => wcsOf(header)).toThrow(message);
  else {
    try {
      wcsOf(header).close();
    } catch (error) {
      expect((error as Error).message).toMatch(/^test: world coordinates: /);
    }
  }
});

test("a keyword of coordinates without a value counts as absent, and nothing is printed of it", () => {
  const program = `
    const { Wcs } = await import(${JSON.stringify(join(process.cwd(), "dist/sky/wcs.js"))});
    const { Header } = await import(${JSON.stringify(join(process.cwd(), "dist/sky/fits-header.js"))});
    const cards = ["NAXIS   = 2", "CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  = 1", "CRVAL2  = 2"];
    const more = ["CRPIX1  = 1", "CRPIX2  = 1", "CD1_1   = -1E-4", "CD2_2   = 1E-4", "CD1_2   =", "PV2_3   = / none"];
    const header = new Header([...cards, ...more].map((card) => card.padEnd(80)).join(""));
    process.stderr.write(String(new Wcs(header, "test").toSky(Float64Array.from([0, 0]))));`;
  const { stdout, stderr } = spawnSync("node", ["--input-type=module", "-e", program], { encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["", "1,2"]);
});

test("distortions of one axis alone are left out", () => {
  const header = { CTYPE1: "LINEAR", CRPIX1: 1, CRVAL1: 0, A_1_1: 0.5, A_ORDER: 2, B_0_2: 0.1 };
  const [image] = readFits(fitsBytes([{ data: new Float32Array(4), shape: [4], header }]));
  expect(() => new Wcs(image!.header, "test")).toThrow(/no celestial coordinates/);
});

test("a cube whose third axis is a look-up table has the sky of its first two", () => {
  const cube = {
    ...tan(),
    CTYPE3: "WAVE-TAB",
    CRPIX3: 1,
    CRVAL3: 1,
    CDELT3: 1,
    PS3_0: "TABLE",
    PS3_1: "COORDS",
  };
  const [image] = readFits(fitsBytes([{ data: new Float32Array(8), shape: [2, 2, 2], header: cube }]));
  const wcs = new Wcs(image!.header, "test");
  const [ra, dec] = wcs.toSky(Float64Array.from([10, 20]));
  expect([ra, dec]).toEqual([expect.closeTo(150, 10), expect.closeTo(40, 10)]);
  wcs.close();
});
