/** Positions in hours, or degrees, with minutes and seconds. */

/**
 * `10:00:27.917 +02:12:21.00`: right ascension to a thousandth of a second of time, declination to a hundredth of an arcsec.
 *
 * @param ra right ascension, degrees
 * @param dec declination, degrees
 */
export function sexagesimalText(ra: number, dec: number): string {
  const turn = ((ra % 360) + 360) % 360;
  // What rounds to 24 hours is 0.
  const hours = Math.round((turn / 15) * 3_600_000) % 86_400_000;
  return `${parts(hours, 3)} ${dec < 0 ? "-" : "+"}${parts(Math.round(Math.abs(dec) * 360_000), 2)}`;
}

/** Whole units of the last digit as `hh:mm:ss.sss`. */
function parts(units: number, digits: number): string {
  const second = 10 ** digits;
  const seconds = Math.floor(units / second);
  const two = (value: number) => String(value).padStart(2, "0");
  const rest = String(units % second).padStart(digits, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${rest}`;
}
