/**
 * Public sky viewers and object databases on the web, by position.
 *
 * Nothing here was opened from the machine that it was written on. Each address follows what its service documents or does:
 * - Legacy Surveys: `ra`, `dec` (decimal degrees), `layer`, `zoom` (at most 16, its native pixels), `mark` (`ra,dec` of a
 *   circle, 5 arcsec of radius): templates/index.html and map/views.py of github.com/legacysurvey/imagine, commit 8402fc3.
 * - Aladin Lite: `target` (a position as text, blanks and signs percent-encoded; a bare plus is read as a blank), `fov`
 *   (degrees), `survey` (a HiPS identifier): getShareURL of github.com/cds-astro/aladin-lite, and website/js/app.js there.
 * - ESASky: `target` (`ra%20dec`, decimal degrees), `fov` (degrees), `cooframe` (J2000), `sci` and `lang`, in the form of the
 *   bookmarks that it makes itself: EsaSkyWebConstants and UrlUtils of github.com/esdc-esac-esa-int/esasky.
 * - SIMBAD: `Coord` (decimal degrees with a `d`), `CooFrame`, `Radius`, `Radius.unit`, all case-sensitive:
 *   simbad.cds.unistra.fr/guide/sim-url.htx and sim-fcoo.htx.
 * - NED: `coordinates` (degrees with a `d`), `radius` (arcmin), `in_csys`, `in_equinox` of its near-position search: as links
 *   to it are made elsewhere; its own help names the form's fields only.
 */

export interface ViewerLink {
  name: string;
  url: string;
}

/** Side of the field that a viewer opens with, degrees: 36 arcsec, an arc and its surroundings. */
const FIELD = 0.01;
/** How far around the position a database is asked, arcsec: an Einstein radius of a group, and errors of positions. */
const RADIUS = 10;

/**
 * Links to viewers, centred on a position, and to databases of what is known there.
 *
 * @param ra right ascension, ICRS degrees
 * @param dec declination, ICRS degrees
 */
export function viewerLinks(ra: number, dec: number): ViewerLink[] {
  // Six digits are 0.004 arcsec; what would round to 360 is 0.
  const a = (((ra % 360) + 360) % 360).toFixed(6).replace(/^360\./, "0.");
  const d = dec.toFixed(6);
  const signed = dec < 0 ? d : `+${d}`;
  const encoded = encodeURIComponent;
  return [
    {
      name: "Legacy Survey",
      url: `https://www.legacysurvey.org/viewer?ra=${a}&dec=${d}&layer=ls-dr10&zoom=16&mark=${a},${d}`,
    },
    {
      name: "Aladin Lite",
      url: `https://aladin.cds.unistra.fr/AladinLite/?target=${encoded(`${a} ${signed}`)}&fov=${FIELD}&survey=${encoded("CDS/P/DSS2/color")}`,
    },
    {
      name: "ESASky",
      url: `https://sky.esa.int/esasky/?target=${encoded(`${a} ${d}`)}&fov=${FIELD}&cooframe=J2000&sci=true&lang=en`,
    },
    {
      name: "SIMBAD",
      url: `https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=${encoded(`${a}d${signed}d`)}&CooFrame=ICRS&Radius=${RADIUS}&Radius.unit=arcsec`,
    },
    {
      name: "NED",
      url: `https://ned.ipac.caltech.edu/conesearch?search_type=Near%20Position%20Search&coordinates=${encoded(`${a}d ${signed}d`)}&radius=${(RADIUS / 60).toFixed(3)}&in_csys=Equatorial&in_equinox=J2000`,
    },
  ];
}

/** `150.11632, +2.20583`: degrees to 0.04 arcsec. */
export const positionText = (ra: number, dec: number): string =>
  `${ra.toFixed(5)}, ${dec < 0 ? "−" : "+"}${Math.abs(dec).toFixed(5)}`;
