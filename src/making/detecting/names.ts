/** Names of sources by sky position, by the IAU's rule: `J142352.34+523830.9`, truncated, not rounded. */

const two = (value: number) => String(value).padStart(2, "0");

/** @param ra, dec degrees */
export function skyName(ra: number, dec: number): string {
  // A ten-thousandth of the last digit is added, so that 12.3 stored as 12.299999… is not truncated to 12.2.
  const hundredths = Math.floor((ra / 15) * 360_000 + 1e-4) % 8_640_000;
  const tenths = Math.floor(Math.abs(dec) * 36_000 + 1e-4);
  const part = (value: number, unit: number, digits: number) => {
    const seconds = value % (60 * unit);
    const text = (seconds / unit).toFixed(digits).padStart(3 + digits, "0");
    return `${two(Math.floor(value / (3600 * unit)))}${two(Math.floor(value / (60 * unit)) % 60)}${text}`;
  };
  return `J${part(hundredths, 100, 2)}${dec < 0 ? "-" : "+"}${part(tenths, 10, 1)}`;
}

/** Makes names distinct: the second of the same name gets `b` after it, the third `c`, later ones numbers. */
export function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    if (count === 1) return name;
    return count <= 26 ? `${name}${String.fromCharCode(96 + count)}` : `${name}-${count}`;
  });
}
