/** The magnification of a source behind a lens, without rendering it: to decide what counts as a lens. */
import type { TruncatedSis } from "../profiles/mass/registry.ts";
import type { Light, Mass } from "../scene.ts";
import { deflectionOverRadius } from "./group.ts";

/** The images of a Gaussian source in N directions from the lens's centre. */
interface Imaged {
  /** Flux in every direction, for a source of flux 1. */
  flux: Float64Array;
  /** Their distance from the centre, and their radial sigma: arcsec. */
  radius: Float64Array;
  width: Float64Array;
}

const N = 96;
const STEP = (2 * Math.PI) / N;
const COS = Float64Array.from({ length: N }, (_, k) => Math.cos((k + 0.5) * STEP));
const SIN = Float64Array.from({ length: N }, (_, k) => Math.sin((k + 0.5) * STEP));
/** Half-light radius of a round Gaussian, in its sigmas. */
const HALF_LIGHT = Math.sqrt(2 * Math.LN2);

/**
 * Along a direction e from an isothermal lens's centre the deflection α is constant (Kormann, Schneider & Bartelmann
 * 1994, A&A 284, 285), so that rays at distances r reach a straight line in the source plane, r (1 − Γ) e − α. The light
 * of an elliptical Gaussian along a line is a Gaussian in r, whose integral with r dr has a closed form. The source is
 * taken to be a Gaussian with its half-light radius, axis ratio and angle.
 */
function imaged(mass: Mass, source: Light): Imaged {
  const { gamma1, gamma2 } = mass;
  const [bx, by] = [source.x - mass.x, source.y - mass.y];
  const { sc, ss, major, minor } = gaussianOf(source);
  const out = { flux: new Float64Array(N), radius: new Float64Array(N), width: new Float64Array(N) };
  for (let k = 0; k < N; k++) {
    const { ex, ey, ax, ay } = direction(mass, k);
    // The line is r m − w relative to the source; both in units of the source's sigmas along its axes
    const [mx, my] = [ex - gamma1 * ex - gamma2 * ey, ey - gamma2 * ex + gamma1 * ey];
    const [wx, wy] = [ax + bx, ay + by];
    const [m1, m2] = [major * (sc * mx + ss * my), minor * (sc * my - ss * mx)];
    const [w1, w2] = [major * (sc * wx + ss * wy), minor * (sc * wy - ss * wx)];
    const a = m1 * m1 + m2 * m2;
    const r0 = (m1 * w1 + m2 * w2) / a;
    const missed = (m1 * w2 - m2 * w1) ** 2 / a;
    const width = 1 / Math.sqrt(a);
    const t = r0 / width;
    const integral = width * width * Math.exp(-t * t * 0.5) + r0 * width * Math.sqrt(2 * Math.PI) * phi(t);
    out.flux[k] = (Math.exp(-missed / 2) * integral * major * minor * STEP) / (2 * Math.PI);
    out.radius[k] = Math.max(r0, width);
    out.width[k] = width;
  }
  return out;
}

/** Radii between which rays of one direction are traced, in Einstein radii of the whole. */
const SEGMENTS = 24;
const REACH = 2.5;

/**
 * The same for an isothermal lens and galaxies beside it. Along a direction the source plane is reached on a line that
 * bends; between neighbouring radii it is taken to be straight.
 */
function imagedByGroup(mass: Mass, light: Light, galaxies: readonly TruncatedSis[]): Imaged {
  const { gamma1, gamma2 } = mass;
  const source = gaussianOf(light);
  const whole = galaxies.reduce((sum, { a, b }) => sum + Math.min(b, Math.sqrt(a * b)), mass.thetaE);
  const step = (REACH * whole) / SEGMENTS;
  const out = { flux: new Float64Array(N), radius: new Float64Array(N), width: new Float64Array(N) };
  const { sc, ss, major, minor } = source;
  for (let k = 0; k < N; k++) {
    const { ex, ey, ax, ay } = direction(mass, k);
    const [mx, my] = [ex - gamma1 * ex - gamma2 * ey, ey - gamma2 * ex + gamma1 * ey];
    let best = 0;
    let u1 = 0;
    let u2 = 0;
    for (let j = 0; j <= SEGMENTS; j++) {
      const far = j * step;
      let bx = far * mx - ax - source.x + mass.x;
      let by = far * my - ay - source.y + mass.y;
      for (const galaxy of galaxies) {
        const dx = mass.x + far * ex - galaxy.x;
        const dy = mass.y + far * ey - galaxy.y;
        const over = deflectionOverRadius(galaxy, Math.sqrt(dx * dx + dy * dy));
        bx -= over * dx;
        by -= over * dy;
      }
      const v1 = major * (sc * bx + ss * by);
      const v2 = minor * (sc * by - ss * bx);
      // Light beyond 6 sigma from both ends is none, unless the line passes between them
      if (j > 0 && (u1 * v1 + u2 * v2 < 0 || Math.min(u1 * u1 + u2 * u2, v1 * v1 + v2 * v2) < 36)) {
        const part = segment(u1, u2, v1, v2, far - step, far);
        out.flux[k]! += (part.flux * major * minor * STEP) / (2 * Math.PI);
        if (part.flux > best) {
          best = part.flux;
          out.radius[k] = part.radius;
          out.width[k] = part.width;
        }
      }
      u1 = v1;
      u2 = v2;
    }
  }
  return out;
}

/** ∫ exp(−|u|² / 2) r dr from r1 to r2, along a straight line from u to v. */
function segment(u1: number, u2: number, v1: number, v2: number, r1: number, r2: number) {
  const [m1, m2] = [(v1 - u1) / (r2 - r1), (v2 - u2) / (r2 - r1)];
  const a = m1 * m1 + m2 * m2;
  const missed = (m1 * u2 - m2 * u1) ** 2 / a;
  const width = 1 / Math.sqrt(a);
  const r0 = r1 - (m1 * u1 + m2 * u2) / a;
  const [t1, t2] = [(r1 - r0) / width, (r2 - r0) / width];
  const gauss = Math.exp(-t1 * t1 * 0.5) - Math.exp(-t2 * t2 * 0.5);
  const integral = width * width * gauss + r0 * width * Math.sqrt(2 * Math.PI) * (phi(t2) - phi(t1));
  return { flux: Math.max(0, Math.exp(-missed / 2) * integral), radius: Math.max(r0, width), width };
}

/** A Gaussian with a light's half-light radius, axis ratio and angle: the axes' direction, and 1 / sigma along them. */
function gaussianOf({ x, y, R, q, angle }: Light) {
  const sigma = R / HALF_LIGHT;
  const [major, minor] = [Math.sqrt(q) / sigma, 1 / (sigma * Math.sqrt(q))];
  return { x, y, sc: Math.cos(angle), ss: Math.sin(angle), major, minor };
}

/** Direction k from an isothermal lens's centre, and the lens's deflection there. */
function direction({ q: ratio, thetaE, angle }: Mass, k: number) {
  const q = Math.min(ratio, 1 - 1e-6);
  const f = Math.sqrt(1 - q * q);
  const norm = (thetaE * Math.sqrt(q)) / f;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [u, v] = [COS[k]!, SIN[k]!]; // in the lens's frame
  const psi = Math.sqrt(q * q * u * u + v * v);
  const [au, av] = [norm * Math.atan((f * u) / psi), norm * Math.atanh((f * v) / psi)];
  return { ex: c * u - s * v, ey: s * u + c * v, ax: c * au - s * av, ay: s * au + c * av };
}

/** The normal distribution's integral up to t, to 1e-7 (Abramowitz & Stegun 1964, 26.2.17). */
function phi(t: number): number {
  const k = 1 / (1 + 0.2316419 * Math.abs(t));
  const series =
    k * (0.31938153 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
  const tail = (Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return t > 0 ? 1 - tail : tail;
}

export interface ArcEstimate {
  /** Total flux of the images over the source's. */
  magnification: number;
  /**
   * √(∫ f² dA), 1 / arcsec, of the arcs of a source of flux 1 in a round Gaussian PSF. Times the source's flux and the
   * pixel's side, over the sky's sigma, it is the arcs' signal-to-noise in a band.
   */
  sharpness(psfSigma: number): number;
}

/** Magnification and peakedness of a source's images; the mass of galaxies beside the isothermal lens counts. */
export function arcEstimate(mass: Mass, source: Light): ArcEstimate {
  const galaxies = (mass.also ?? []).filter((component) => component.profile === "truncatedSis");
  const { flux, radius, width } =
    galaxies.length === 0 ? imaged(mass, source) : imagedByGroup(mass, source, galaxies);
  const magnification = flux.reduce((sum, value) => sum + value, 0);
  const overlap = new Float64Array(HALF + 1);
  const peakedness = (psfSigma: number): number => {
    let total = 0;
    for (let k = 0; k < N; k++) {
      if (flux[k]! < 1e-9 * magnification) continue;
      // Radially the widths add in quadrature; across, a direction's neighbours are blurred into it
      const across = psfSigma / (radius[k]! * STEP);
      const wide = Math.hypot(width[k]!, psfSigma);
      // The product of two blurred directions: a Gaussian of twice the variance
      const twice = 4 * (across * across + 1 / 12);
      const spread = Math.sqrt(4 * Math.PI * (across * across + 1 / 12));
      for (let j = 0; j <= HALF; j++) overlap[j] = Math.exp((-j * j) / twice) / spread;
      const area = radius[k]! * STEP * 2 * Math.sqrt(Math.PI) * wide;
      for (let j = -HALF; j <= HALF; j++) {
        const other = flux[(k + j + N) % N]!;
        if (other !== 0) total += (flux[k]! * other * overlap[Math.abs(j)]!) / area;
      }
    }
    return Math.sqrt(total);
  };
  const known = new Map<number, number>();
  const sharpness = (psfSigma: number): number => {
    const value = known.get(psfSigma) ?? peakedness(psfSigma);
    known.set(psfSigma, value);
    return value;
  };
  return { magnification, sharpness };
}

/** Directions on either side that are blurred into one. */
const HALF = 12;
