/** Breaks a FITS file in one of the ways that files break, or that somebody who means harm would. */

/** Random numbers of one seed (mulberry32). */
export function randomOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return { next, below, of: (list) => list[below(list.length)] };
}

const NUMBERS = "-1 0 1 2 3 4 7 8 16 -32 -64 32 99 100 999 32767 65536 2147483647 2147483648 9223372036854775807 1E308 1E-308 -1E30 1.5 0.0 NaN 1D400".split(" ");
const TEXTS = ["''", "'x'", "'RA---ZPN'", "'DEC--ZPN'", "'DEC--TPV'", "'RA---TNX'", "'GLAT-HPX'", "'STOKES'", "'WAVE-TAB'", "'999999999B'", "'1PB(9999999)'", "'1QE'", "'RICE_1'", "'HCOMPRESS_1'", "'PLIO_1'", "'GZIP_2'", "'unclosed", "'deg'", "'1e99 m'", "T", "F", ""];
const KEYS = "BITPIX NAXIS NAXIS1 NAXIS2 NAXIS3 PCOUNT GCOUNT TFIELDS TFORM1 TFORM2 TZERO1 TSCAL1 TNULL1 TDIM1 THEAP TBCOL2 ZIMAGE ZTABLE ZBITPIX ZNAXIS ZNAXIS1 ZTILE1 ZTILE2 ZCMPTYPE ZQUANTIZ ZDITHER0 ZVAL1 ZVAL2 ZBLANK BLANK BSCALE BZERO WCSAXES CTYPE1 CTYPE2 CRPIX1 CRVAL2 CDELT1 CD1_1 CD2_2 PC1_2 CROTA2 PV1_1 PV2_1 PV2_2 PV2_20 PV2_99 PV1_39 PS1_0 LONPOLE LATPOLE EQUINOX EPOCH RADESYS DATE-OBS MJD-OBS CUNIT1 A_ORDER B_ORDER A_9_9 AP_ORDER CPDIS1 DP1 DQ2 WAT1_001 CNAME1 CTYPE9 CRVAL99 VELREF RESTFRQ CTYPE1Z CRPIX1Z WAT1_000 WAT2_999 PLTRAH PLTDECSN AMDX1 AMDY13 PPO3 CNPIX1 A_0_2 B_2_0 AP_9_9 A_DMAX DP1A CPDIS2 CQDIS1 CPERR1 JEPOCH OBSGEO-X CROTA1 CTYPE3 PS1_1 PV3_1 WCSAXESA".split(" ");

const cardsIn = (bytes) => {
  const cards = [];
  for (let at = 0; at + 80 <= bytes.length; at += 80) if (bytes.toString("latin1", at + 8, at + 10) === "= ") cards.push(at);
  return cards;
};
const valueOf = (random) => (random.below(3) === 0 ? random.of(TEXTS) : random.of(NUMBERS).padStart(20));

/** @returns a copy with a fault */
export function broken(whole, random) {
  const bytes = Buffer.from(whole);
  const cards = cardsIn(bytes);
  // Headers take much of a small file; its data begin in the last third.
  const from = random.below(3) === 0 ? 0 : Math.floor((bytes.length * 2) / 3);
  const offset = () => from + random.below(bytes.length - from);
  const card = () => random.of(cards);
  const kind = random.below(10);
  if (kind === 0) return bytes.subarray(0, random.below(bytes.length));
  if (kind === 1) for (let k = random.below(20) + 1; k > 0; k--) bytes[offset()] ^= 1 << random.below(8);
  // A card gets another value, or becomes another card.
  if (kind >= 2 && kind <= 4)
    for (let k = random.below(3) + 1; k > 0; k--) bytes.write(valueOf(random).padEnd(70).slice(0, 70), card() + 10, "latin1");
  if (kind === 5)
    for (let k = random.below(4) + 1; k > 0; k--)
      bytes.write(`${random.of(KEYS).padEnd(8)}= ${valueOf(random)}`.padEnd(80).slice(0, 80), card(), "latin1");
  if (kind === 6) bytes.copy(bytes, card(), card(), card() + 80); // which is how a keyword comes twice
  // Digits of a card change.
  if (kind === 9)
    for (let k = random.below(6) + 1, at = card(); k > 0; k--) {
      const digit = at + 10 + random.below(70);
      if (bytes[digit] >= 0x30 && bytes[digit] <= 0x39) bytes[digit] = random.of(["-", "0", "1", "9", " ", "."]).charCodeAt(0);
    }
  else if (kind >= 7) {
    const start = offset();
    const end = Math.min(bytes.length, start + 1 + random.below(400));
    const fill = random.below(256);
    const even = random.below(2) === 0;
    for (let i = start; i < end; i++) bytes[i] = even ? (random.below(2) === 0 ? 0 : fill) : random.below(256);
  }
  return bytes;
}

const PIXELS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3.4e38, -3.4e38, 1e-45, 0, 1, 65535, 1e20];

/** An image as no telescope makes it, row-major, with a mask or none. */
export function brokenPlane(random) {
  const width = 1 + random.below(random.of([3, 20, 90]));
  const height = 1 + random.below(random.of([3, 20, 90]));
  const noisy = random.below(4) > 0;
  const data = Float32Array.from({ length: width * height }, () => (noisy ? random.next() + random.next() - 1 : random.of(PIXELS)));
  for (let k = random.below(8); k > 0; k--) {
    const value = random.below(2) === 0 ? random.of(PIXELS) : random.next() * 200;
    const [x, y, w, h] = [random.below(width), random.below(height), 1 + random.below(width), 1 + random.below(height)];
    const checkered = random.below(3) === 0;
    for (let j = y; j < Math.min(height, y + h); j++)
      for (let i = x; i < Math.min(width, x + w); i++) if (!checkered || (i + j) % 2 === 0) data[j * width + i] = value;
  }
  const mask = random.below(3) === 0 ? Uint8Array.from(data, () => (random.below(random.of([2, 9])) === 0 ? 1 : 0)) : undefined;
  return { data, width, height, ...(mask === undefined ? {} : { mask }) };
}
