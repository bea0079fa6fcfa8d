/**
 * Celestial frames of older or other catalogues and images, turned to ICRS and back: FK4 and FK5 of any equinox, galactic,
 * supergalactic and ecliptic coordinates. All are rotations, but for FK4's terms of elliptic aberration.
 *
 * FK5 of equinox 2000 is taken as ICRS: they differ by 0.023″ at most, and most of the headers that say FK5 were fitted to
 * catalogues on the ICRS.
 */
type Vector = [number, number, number];
type Matrix = [Vector, Vector, Vector];

const DEGREE = Math.PI / 180;
const ARCSEC = DEGREE / 3600;

/** What a header or a table says of its coordinates; numbers are NaN, texts empty, where it says nothing. */
export interface FrameWords {
  /** Longitude's name as in CTYPE: `RA`, `GLON`, `ELON`, `SLON`. */
  longitude: string;
  /** As RADESYS: `ICRS`, `FK5`, `FK4`, `FK4-NO-E`. */
  frame: string;
  /** Years: Besselian for FK4, else Julian. */
  equinox: number;
  /** Modified Julian date of the observation, on which FK4 depends; by default its equinox. */
  mjd: number;
}

export class CelestialFrame {
  /** For messages, e.g. `FK4 B1950`. */
  readonly name: string;
  readonly #rotation: Matrix | null;
  readonly #aberration: Vector | null;

  /** @internal made by `frameOf` */
  constructor(name: string, rotation: Matrix | null, aberration: Vector | null = null) {
    this.name = name;
    this.#rotation = rotation;
    this.#aberration = aberration;
  }

  /** Whether positions are taken as they are. */
  get isIcrs(): boolean {
    return this.#rotation === null;
  }

  /** Whether its longitudes are right ascensions, which texts give in hours. */
  get isEquatorial(): boolean {
    return /^(ICRS|FK)/.test(this.name);
  }

  /** (longitude, latitude, …) → ICRS (ra, dec, …), degrees; NaN stays NaN. */
  toIcrs(sky: Float64Array): Float64Array {
    const [rotation, aberration] = [this.#rotation, this.#aberration];
    if (rotation === null) return sky;
    return turned(sky, (v) => times(rotation, aberration === null ? v : withoutAberration(v, aberration)));
  }

  /** ICRS (ra, dec, …) → (longitude, latitude, …), degrees; NaN stays NaN. */
  fromIcrs(sky: Float64Array): Float64Array {
    const [rotation, aberration] = [this.#rotation, this.#aberration];
    if (rotation === null) return sky;
    const back = transposed(rotation);
    return turned(sky, (v) => {
      const inFrame = times(back, v);
      return aberration === null ? inFrame : withAberration(inFrame, aberration);
    });
  }
}

export const ICRS = new CelestialFrame("ICRS", null);

/**
 * The frame that is meant, by the FITS standard's defaults (Calabretta & Greisen 2002, section 3.1): without a name it is
 * FK4 for equinoxes before 1984, FK5 for later ones, ICRS without any.
 *
 * @returns null for a frame that is not known
 */
export function frameOf(words: FrameWords): CelestialFrame | null {
  const { longitude, mjd } = words;
  if (longitude === "GLON") return new CelestialFrame("galactic", galacticToIcrs());
  if (longitude === "SLON") return new CelestialFrame("supergalactic", supergalacticToIcrs());
  const given = words.frame.trim().toUpperCase();
  const known = Number.isFinite(words.equinox);
  const frame = given === "" ? (!known ? "ICRS" : words.equinox < 1984 ? "FK4" : "FK5") : given;
  const equinox = known ? words.equinox : frame.startsWith("FK4") ? 1950 : 2000;
  if (!(equinox > 1800 && equinox < 2200)) return null;
  if (longitude === "ELON") {
    if (frame !== "ICRS" && frame !== "FK5") return null;
    return new CelestialFrame(`ecliptic J${equinox}`, transposed(toEcliptic(equinox)));
  }
  if (longitude !== "RA") return null;
  if (frame === "ICRS") return ICRS;
  if (frame === "FK5") {
    if (equinox === 2000) return new CelestialFrame("FK5", null);
    return new CelestialFrame(
      `FK5 J${equinox}`,
      product(transposed(ICRS_TO_FK5), transposed(precession(equinox))),
    );
  }
  if (frame !== "FK4" && frame !== "FK4-NO-E") return null;
  const date = Number.isFinite(mjd) ? mjd + 2400000.5 : besselianDate(equinox);
  const rotation = product(transposed(ICRS_TO_FK5), fk4ToFk5(date), besselianPrecession(equinox, 1950));
  const aberration = frame === "FK4" ? ellipticAberration(besselianDate(equinox)) : null;
  return new CelestialFrame(`${frame} B${equinox}`, orthogonal(rotation), aberration);
}

function turned(sky: Float64Array, turn: (v: Vector) => Vector): Float64Array {
  const out = new Float64Array(sky.length);
  for (let i = 0; i + 1 < sky.length; i += 2) {
    const [a, d] = [sky[i]! * DEGREE, sky[i + 1]! * DEGREE];
    const [x, y, z] = turn([Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)]);
    out[i] = (Math.atan2(y, x) / DEGREE + 360) % 360;
    out[i + 1] = Math.atan2(z, Math.hypot(x, y)) / DEGREE;
  }
  return out;
}

const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const times = (m: Matrix, v: Vector): Vector => [dot(m[0], v), dot(m[1], v), dot(m[2], v)];
const transposed = ([a, b, c]: Matrix): Matrix => [
  [a[0], b[0], c[0]],
  [a[1], b[1], c[1]],
  [a[2], b[2], c[2]],
];
const product = (...factors: Matrix[]): Matrix =>
  factors.reduce((a, b) => {
    const columns = transposed(b);
    return a.map((row) => columns.map((column) => dot(row, column))) as Matrix;
  });

/** Rotations of the axes about x, y, z by an angle in radians. */
const aboutX = (angle: number): Matrix => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [
    [1, 0, 0],
    [0, c, s],
    [0, -s, c],
  ];
};
const aboutY = (angle: number): Matrix => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [
    [c, 0, -s],
    [0, 1, 0],
    [s, 0, c],
  ];
};
const aboutZ = (angle: number): Matrix => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [
    [c, s, 0],
    [-s, c, 0],
    [0, 0, 1],
  ];
};

/** The nearest rotation to a matrix that is nearly one: a step of Newton's iteration for the polar decomposition. */
function orthogonal(m: Matrix): Matrix {
  const square = product(m, transposed(m));
  const correction = square.map((row, i) => row.map((value, j) => (i === j ? 1.5 : 0) - value / 2)) as Matrix;
  return product(correction, m);
}

const polynomial = (t: number, ...coefficients: number[]) =>
  coefficients.reduceRight((sum, coefficient) => sum * t + coefficient, 0);

/** The offsets of the FK5 from the ICRS (Kaplan 2005, USNO Circular 179, section 3.5). */
const ICRS_TO_FK5 = product(aboutX(0.0199 * ARCSEC), aboutY(0.0091 * ARCSEC), aboutZ(-0.0229 * ARCSEC));

const centuries = (year: number) => (year - 2000) / 100;
/** Mean obliquity of the ecliptic, IAU 2006 (Hilton et al. 2006, Celest. Mech. Dyn. Astron. 94, 351). */
const obliquity = (t: number) =>
  polynomial(t, 84381.406, -46.836769, -0.0001831, 0.0020034, -0.000000576, -0.0000000434) * ARCSEC;

/** GCRS to the mean equator and equinox of date, IAU 2006, by the Fukushima-Williams angles of the same paper. */
function biasPrecession(year: number): Matrix {
  const t = centuries(year);
  const gamma = polynomial(t, -0.052928, 10.556378, 0.4932044, -0.00031238, -0.000002788, 0.000000026);
  const phi = polynomial(t, 84381.412819, -46.811016, 0.0511268, 0.00053289, -0.00000044, -0.0000000176);
  const psi = polynomial(t, -0.041775, 5038.481484, 1.5584175, -0.00018522, -0.000026452, -0.0000000148);
  return product(aboutX(-obliquity(t)), aboutZ(-psi * ARCSEC), aboutX(phi * ARCSEC), aboutZ(gamma * ARCSEC));
}

/** Mean equator and equinox of 2000 to those of another Julian year. */
const precession = (year: number): Matrix => product(biasPrecession(year), transposed(biasPrecession(2000)));

/** ICRS to the mean ecliptic and equinox of a Julian year. */
const toEcliptic = (year: number): Matrix =>
  product(aboutX(obliquity(centuries(year))), biasPrecession(year));

/** The galactic pole of 1958 (Blaauw et al. 1960, MNRAS 121, 123) taken from B1950 to the FK5 of 2000. */
function galacticToIcrs(): Matrix {
  const [poleRa, poleDec, node] = [192.8594812065348, 27.12825118085622, 122.9319185680026];
  const fromFk5 = product(
    aboutZ((180 - node) * DEGREE),
    aboutY((90 - poleDec) * DEGREE),
    aboutZ(poleRa * DEGREE),
  );
  return transposed(product(fromFk5, ICRS_TO_FK5));
}

/** The supergalactic pole at l 47.37°, b 6.32°, zero longitude at l 137.37° (de Vaucouleurs et al. 1976, RC2). */
function supergalacticToIcrs(): Matrix {
  const fromGalactic = product(aboutZ(90 * DEGREE), aboutY((90 - 6.32) * DEGREE), aboutZ(47.37 * DEGREE));
  return product(galacticToIcrs(), transposed(fromGalactic));
}

/** Julian date of a Besselian year (Lieske 1979, A&A 73, 282). */
const besselianDate = (year: number) => 2433282.42345905 + (year - 1950) * 365.242198781;

/** FK4 without aberration to FK5 of 2000 for what doesn't move (Murray 1989, A&A 218, 325, equations 28 and 29). */
function fk4ToFk5(date: number): Matrix {
  const t = (2000 + (date - 2451545) / 365.25 - 1950) / 100;
  const at1950: Matrix = [
    [0.9999256794956877, -0.0111814832204662, -0.0048590038153592],
    [0.0111814832391717, 0.9999374848933135, -0.0000271625947142],
    [0.0048590037723143, -0.000027170293744, 0.9999881946023742],
  ];
  const aCentury: Matrix = [
    [-0.0026455262, -1.1539918689, 2.111134619],
    [1.1540628161, -0.0129042997, 0.0236021478],
    [-2.1112979048, -0.0056024448, 0.0102587734],
  ];
  return at1950.map((row, i) => row.map((value, j) => value + aCentury[i]![j]! * 1e-6 * t)) as Matrix;
}

/** Newcomb's precession between Besselian years (Kinoshita 1975, SAO Special Report 364). */
function besselianPrecession(from: number, to: number): Matrix {
  const start = (from - 1850) / 1000;
  const dt = (to - from) / 1000;
  const first = 23035.545 + 139.72 * start + 0.06 * start ** 2;
  const zeta = polynomial(dt, 0, first, 30.24 - 0.27 * start, 17.995) * ARCSEC;
  const z = polynomial(dt, 0, first, 109.48 + 0.39 * start, 18.325) * ARCSEC;
  const theta =
    polynomial(dt, 0, 20051.12 - 85.29 * start - 0.37 * start ** 2, -42.65 - 0.37 * start, -41.8) * ARCSEC;
  return product(aboutZ(-z), aboutY(theta), aboutZ(-zeta));
}

/** The terms of elliptic aberration, which FK4 positions contain (Explanatory Supplement 1992, section 3.53). */
function ellipticAberration(date: number): Vector {
  const t = (date - 2433282.42345905) / 36525;
  const eccentricity = polynomial(t, 0.01673011, -0.00004193, -0.000000126);
  const perigee = polynomial(t, 1015489.951, 6190.67, 1.65, 0.012) * ARCSEC;
  // The IAU's obliquity of 1980 (Lieske et al. 1977, A&A 58, 1)
  const tilt = polynomial((date - 2451545) / 36525, 84381.448, -46.815, -0.00059, 0.001813) * ARCSEC;
  const size = eccentricity * 0.0056932 * DEGREE;
  return [
    size * Math.sin(perigee),
    -size * Math.cos(perigee) * Math.cos(tilt),
    -size * Math.cos(perigee) * Math.sin(tilt),
  ];
}

const unit = (v: Vector): Vector => {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
};

function withoutAberration(v: Vector, e: Vector): Vector {
  const along = dot(v, e);
  return unit([v[0] - e[0] + along * v[0], v[1] - e[1] + along * v[1], v[2] - e[2] + along * v[2]]);
}

/** The inverse, by iteration: each step is 10⁻⁶ of the one before. */
function withAberration(v: Vector, e: Vector): Vector {
  let with_ = v;
  for (let step = 0; step < 5; step++) {
    const size = 1 + dot(with_, e);
    with_ = [(v[0] + e[0]) / size, (v[1] + e[1]) / size, (v[2] + e[2]) / size];
  }
  return unit(with_);
}
