/** The magnification of a source behind an isothermal lens, without rendering it: to decide what counts as a lens. */
import type { Light, Mass } from "../scene.ts";

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
 * taken to be a Gaussian with its half-light radius, axis ratio and angle; further mass (`also`) is left out.
 */
function imaged(mass: Mass, source: Light): Imaged {
  const { thetaE, angle, gamma1, gamma2 } = mass;
  const q = Math.min(mass.q, 1 - 1e-6);
  const f = Math.sqrt(1 - q * q);
  const norm = (thetaE * Math.sqrt(q)) / f;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [bx, by] = [source.x - mass.x, source.y - mass.y];
  const sigma = source.R / HALF_LIGHT;
  const [sc, ss] = [Math.cos(source.angle), Math.sin(source.angle)];
  const [major, minor] = [Math.sqrt(source.q) / sigma, 1 / (sigma * Math.sqrt(source.q))];
  const out = { flux: new Float64Array(N), radius: new Float64Array(N), width: new Float64Array(N) };
  for (let k = 0; k < N; k++) {
    const [u, v] = [COS[k]!, SIN[k]!]; // in the lens's frame
    const psi = Math.sqrt(q * q * u * u + v * v);
    const [au, av] = [norm * Math.atan((f * u) / psi), norm * Math.atanh((f * v) / psi)];
    const [ex, ey] = [c * u - s * v, s * u + c * v];
    // The line is r m − w relative to the source; both in units of the source's sigmas along its axes
    const [mx, my] = [ex - gamma1 * ex - gamma2 * ey, ey - gamma2 * ex + gamma1 * ey];
    const [wx, wy] = [c * au - s * av + bx, s * au + c * av + by];
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

/** Magnification and peakedness of a source's images. */
export function arcEstimate(mass: Mass, source: Light): ArcEstimate {
  const { flux, radius, width } = imaged(mass, source);
  const magnification = flux.reduce((sum, value) => sum + value, 0);
  const sharpness = (psfSigma: number): number => {
    let total = 0;
    for (let k = 0; k < N; k++) {
      if (flux[k]! < 1e-9 * magnification) continue;
      // Radially the widths add in quadrature; across, a direction's neighbours are blurred into it
      const across = psfSigma / (radius[k]! * STEP);
      const wide = Math.hypot(width[k]!, psfSigma);
      for (let j = -HALF; j <= HALF; j++) {
        const other = flux[(k + j + N) % N]!;
        if (other === 0) continue;
        // The product of two blurred directions: a Gaussian of twice the variance
        const spread = Math.sqrt(4 * Math.PI * (across * across + 1 / 12));
        const overlap = Math.exp((-j * j) / (4 * (across * across + 1 / 12))) / spread;
        total += (flux[k]! * other * overlap) / (radius[k]! * STEP * 2 * Math.sqrt(Math.PI) * wide);
      }
    }
    return Math.sqrt(total);
  };
  return { magnification, sharpness };
}

/** Directions on either side that are blurred into one. */
const HALF = 12;
