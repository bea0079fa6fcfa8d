import { expect, test } from "vitest";
import { positionText, viewerLinks } from "../../src/sky/viewers.ts";

const urls = (ra: number, dec: number) =>
  Object.fromEntries(viewerLinks(ra, dec).map(({ name, url }) => [name, url]));

/** Address by address, as each service's own code or help has it: see viewers.ts. */
test("a position north of the equator: plus signs are percent-encoded, since a bare one is a blank", () => {
  expect(urls(150.1163217, 2.2058304)).toEqual({
    "Legacy Survey":
      "https://www.legacysurvey.org/viewer?ra=150.116322&dec=2.205830&layer=ls-dr10&zoom=16&mark=150.116322,2.205830",
    "Aladin Lite":
      "https://aladin.cds.unistra.fr/AladinLite/?target=150.116322%20%2B2.205830&fov=0.01&survey=CDS%2FP%2FDSS2%2Fcolor",
    ESASky:
      "https://sky.esa.int/esasky/?target=150.116322%202.205830&fov=0.01&cooframe=J2000&sci=true&lang=en",
    SIMBAD:
      "https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=150.116322d%2B2.205830d&CooFrame=ICRS&Radius=10&Radius.unit=arcsec",
    NED: "https://ned.ipac.caltech.edu/conesearch?search_type=Near%20Position%20Search&coordinates=150.116322d%20%2B2.205830d&radius=0.167&in_csys=Equatorial&in_equinox=J2000",
  });
});

test("a position south of the equator: minus signs stand for themselves", () => {
  expect(urls(34.5, -5.25)).toEqual({
    "Legacy Survey":
      "https://www.legacysurvey.org/viewer?ra=34.500000&dec=-5.250000&layer=ls-dr10&zoom=16&mark=34.500000,-5.250000",
    "Aladin Lite":
      "https://aladin.cds.unistra.fr/AladinLite/?target=34.500000%20-5.250000&fov=0.01&survey=CDS%2FP%2FDSS2%2Fcolor",
    ESASky:
      "https://sky.esa.int/esasky/?target=34.500000%20-5.250000&fov=0.01&cooframe=J2000&sci=true&lang=en",
    SIMBAD:
      "https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=34.500000d-5.250000d&CooFrame=ICRS&Radius=10&Radius.unit=arcsec",
    NED: "https://ned.ipac.caltech.edu/conesearch?search_type=Near%20Position%20Search&coordinates=34.500000d%20-5.250000d&radius=0.167&in_csys=Equatorial&in_equinox=J2000",
  });
});

test("every service reads back the position that was meant, signs included", () => {
  for (const [ra, dec] of [
    [0.5, 0],
    [359.9999999, 89.5],
    [-0.25, -0.0000001],
    [12.25, -89.75],
  ] as const)
    for (const { name, url } of viewerLinks(ra, dec)) {
      const query = new URL(url).searchParams;
      const text =
        query.get("target") ??
        query.get("Coord") ??
        query.get("coordinates") ??
        `${query.get("ra")} ${query.get("dec")}`;
      const [a, d] = text.match(/[+-]?\d+\.\d+/g)!.map(Number);
      expect(a, `${name} ${text}`).toBeCloseTo(ra === 359.9999999 ? 0 : (ra + 360) % 360, 5);
      expect(d, `${name} ${text}`).toBeCloseTo(dec, 5);
    }
});

test("a position in words has its sign as a minus or plus", () => {
  expect(positionText(150.1163217, 2.2058304)).toBe("150.11632, +2.20583");
  expect(positionText(34.5, -5.25)).toBe("34.50000, −5.25000");
});
