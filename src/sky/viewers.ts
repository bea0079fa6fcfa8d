/** Public sky viewers on the web, by position. */

export interface ViewerLink {
  name: string;
  url: string;
}

/** Side of the field that a viewer opens with, degrees: 36 arcsec, an arc and its surroundings. */
const FIELD = 0.01;

/**
 * Links to viewers, centred on a position. Addresses as each documents them: the Legacy Surveys' viewer
 * (legacysurvey.org/viewer/urls), Aladin Lite (aladin.cds.unistra.fr/AladinLite/doc), ESASky
 * (cosmos.esa.int/web/esdc/esasky-interface).
 *
 * @param ra right ascension, ICRS degrees
 * @param dec declination, ICRS degrees
 */
export function viewerLinks(ra: number, dec: number): ViewerLink[] {
  const [a, d] = [ra.toFixed(6), dec.toFixed(6)];
  const target = encodeURIComponent(`${a} ${dec < 0 ? "" : "+"}${d}`);
  return [
    {
      name: "Legacy Survey",
      url: `https://www.legacysurvey.org/viewer?ra=${a}&dec=${d}&layer=ls-dr10&zoom=16&mark=${a},${d}`,
    },
    {
      name: "Aladin Lite",
      url: `https://aladin.cds.unistra.fr/AladinLite/?target=${target}&fov=${FIELD}&survey=CDS%2FP%2FDSS2%2Fcolor`,
    },
    {
      name: "ESASky",
      url: `https://sky.esa.int/esasky/?target=${target}&fov=${FIELD}&cooframe=J2000&sci=true&lang=en`,
    },
  ];
}

/** `150.11632, +2.20583`: degrees to 0.04 arcsec. */
export const positionText = (ra: number, dec: number): string =>
  `${ra.toFixed(5)}, ${dec < 0 ? "−" : "+"}${Math.abs(dec).toFixed(5)}`;
