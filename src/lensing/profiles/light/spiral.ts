/** Spiral arms in a galaxy's disc or ring, with the knots of stars that form in them. */
import { intoFrame } from "../frame.ts";
import { inPlace } from "../in-place.ts";
import { listsOf } from "../rows.ts";
import { besselI0 } from "./bessel.ts";
import type { LightModel } from "./model.ts";
import { ringFlux } from "./ring.ts";
import {
  falloff,
  type Sersic,
  type SersicNumbers,
  sersicFlux,
  sersicNumbers,
  squaredRadius,
} from "./sersic.ts";

/** A wave over the disc: [arms, turns, phase] of cos(arms φ + turns ln(r / R) + phase), arms a whole number. */
export type Wave = readonly [arms: number, turns: number, phase: number];

/** Knots: where three waves are high at once. */
export interface Knots {
  /** The concentration of each wave; 0 for none. A peak is up to (e^contrast / I₀(contrast))³ times the mean. */
  contrast: number;
  waves: readonly [Wave, Wave, Wave];
}

/** Logarithmic spiral arms. */
export interface Arms {
  /** In [0, 1]: how much of the light is missing midway between arms. */
  amplitude: number;
  /** Number of arms. */
  count: number;
  /** Pitch angle, radians; its sign is the direction of winding. π / 2 is a spoke, and on a ring a part of it. */
  pitch: number;
  /** Concentration of the arms, above 0: 1 (the default) is nearly a cosine; 4 has arms of a third of their distance. */
  sharpness?: number;
  /** Angle in the plane of the disc, from the major axis, at which an arm crosses r = R: radians, by default 0. */
  phase?: number;
  /** In [0, 1]: the first of two or more arms is brighter by this, the one opposite fainter. By default 0. */
  lopsidedness?: number;
  /** Radius within which arms fade, arcsec; by default 0. */
  core?: number;
  /** Bright knots along the arms. */
  knots?: Knots;
}

export interface Spiral extends Sersic {
  /** Its arms. */
  arms: Arms;
  /** Radius of a ring, as in `Ring`; a disc by default. */
  ring?: number;
}

type ArmNumbers =
  | "rootQ"
  | "winding"
  | "count"
  | "phase"
  | "depth"
  | "sharpness"
  | "least"
  | "range"
  | "lopsidedness"
  | "core";
type WaveNumber = "arms" | "turns" | "phase";
type SpiralNumbers =
  | SersicNumbers
  | "ring"
  | ArmNumbers
  | "contrast"
  | "minusPeak"
  | `${WaveNumber}_${0 | 1 | 2}`;

const NONE: Knots = {
  contrast: 0,
  waves: [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ],
};

/** Keeps ln r finite at the centre: in units of R². */
const CENTRE = 1e-8;

function numbersOf(galaxy: Spiral): Record<SpiralNumbers, number> {
  const { R, q, ring = 0, arms } = galaxy;
  const { sharpness = 1, phase = 0, lopsidedness = 0, core = 0, knots = NONE } = arms;
  const least = Math.exp(-sharpness);
  const [a, b, c] = knots.waves;
  return {
    ...sersicNumbers(galaxy),
    ring: ring / R,
    rootQ: Math.sqrt(q),
    winding: 0.5 / Math.tan(arms.pitch),
    count: arms.count,
    phase,
    // amplitude / (I₀(κ) − e^−κ), so that the mean over the circle is 1
    depth: arms.amplitude / (besselI0(sharpness) - least),
    sharpness,
    least,
    range: besselI0(sharpness) - least,
    lopsidedness: arms.count > 1 ? lopsidedness : 0,
    core: (core / R) ** 2,
    contrast: knots.contrast,
    minusPeak: -3 * Math.log(besselI0(knots.contrast)),
    arms_0: a[0],
    turns_0: a[1] / 2,
    phase_0: a[2],
    arms_1: b[0],
    turns_1: b[1] / 2,
    phase_1: b[2],
    arms_2: c[0],
    turns_2: c[1] / 2,
    phase_2: c[2],
  };
}

/**
 * A Sérsic profile, or a ring of one, times a factor that has mean 1 on every circle of the disc, but for the knots:
 *
 *   1 + A f (g (1 + l cos ψ) K − 1),   g = (exp(κ cos m ψ) − e^−κ) / (I₀(κ) − e^−κ),   ψ = φ − φ₀ − ln(r / R) / tan p
 *
 * with φ and r in the plane of the disc (the minor axis stretched by 1 / q), A the amplitude, κ the sharpness, l the
 * lopsidedness, m arms of pitch p, and f = r² / (r² + core²); r² in the logarithms is r² + core², too. The knots' K is
 * the product of exp(c cos(wave)) / I₀(c) over their waves. The flux is the smooth profile's; with knots its mean factor
 * is a quadrature.
 */
export const spiral: LightModel<Spiral, SpiralNumbers> = {
  numbers: (galaxies) => listsOf(galaxies, numbersOf),
  brightness(at, numbers) {
    const radius = squaredRadius(at, numbers).sqrt().sub(numbers.ring).abs();
    const smooth = falloff(radius, numbers.power, numbers);
    // From units of R / √q and R √q to units of R and R q
    const local = intoFrame(at, numbers);
    const [x, y] = [inPlace(local.x).div(numbers.rootQ).tensor, inPlace(local.y).div(numbers.rootQ).tensor];
    const r2 = inPlace(x.square()).add(y.square()).add(CENTRE).tensor;
    const faded = r2.add(numbers.core);
    const inside = inPlace(r2).div(faded).mul(numbers.depth);
    const logarithm = inPlace(faded).log().tensor; // 2 ln(r / R)
    // φ up to whole turns, from the arc tangent of one operand: that of two depends on a value's position in memory.
    const halfTurn = inPlace(x.lt(0).to(x.dtype)).mul(Math.PI);
    const phi = inPlace(y)
      .add(1e-20) // no 0 / 0 at the centre
      .div(x)
      .atan()
      .add(halfTurn).tensor;
    const psi = inPlace(phi.sub(numbers.phase)).sub(logarithm.mul(numbers.winding)).tensor;
    const arms = inPlace(psi.mul(numbers.count)).cos().mul(numbers.sharpness).exp().sub(numbers.least);
    const unequal = inPlace(psi).cos().mul(numbers.lopsidedness).add(1);
    const waves = ([0, 1, 2] as const).map((k) =>
      inPlace(phi.mul(numbers[`arms_${k}`]))
        .add(logarithm.mul(numbers[`turns_${k}`]))
        .add(numbers[`phase_${k}`])
        .cos(),
    );
    const knots = waves[0]!.add(waves[1]!).add(waves[2]!).mul(numbers.contrast).add(numbers.minusPeak).exp();
    arms.mul(unequal).mul(knots).sub(numbers.range).mul(inside).add(1);
    return inPlace(smooth).mul(arms).tensor;
  },
  flux(galaxy) {
    const { R, n, ring = 0, arms } = galaxy;
    const smooth = ring > 0 ? ringFlux({ R, n, ring }) : sersicFlux(R, n);
    return arms.knots === undefined ? smooth : smooth * meanFactor(galaxy);
  },
};

/** Of rays in the quadrature: along a radius, and round a circle. Waves of ten and arms need no more for 1 %. */
const [RADII, ANGLES] = [56, 40];
/** Extent of the quadrature on either side of the ring or centre, in units of R. */
const REACH = 4;
const means = new WeakMap<Spiral, number>();

/** The mean of the arms' factor, weighted by the smooth profile's light: arms and knots may coincide more or less often. */
function meanFactor(galaxy: Spiral): number {
  const known = means.get(galaxy);
  if (known !== undefined) return known;
  const numbers = numbersOf(galaxy);
  const { ring, rootQ, b, power, core } = numbers;
  const first = Math.max(0, ring - REACH);
  const step = (ring + REACH - first) / RADII;
  let [sum, weights] = [0, 0];
  for (let i = 0; i < RADII; i++) {
    const r = first + (i + 0.5) * step;
    const weight = r * Math.exp(-b * Math.abs(r - ring) ** power);
    const r2 = (r / rootQ) ** 2;
    const inside = (numbers.depth * r2) / (r2 + core);
    const excess = aroundCircle(numbers, galaxy.arms.knots!.waves, Math.log(r2 + core)) - numbers.range;
    sum += weight * (1 + inside * excess);
    weights += weight;
  }
  means.set(galaxy, sum / weights);
  return sum / weights;
}

const turnOf = (j: number) => (2 * Math.PI * j) / ANGLES;
const COS = Float64Array.from({ length: ANGLES }, (_, j) => Math.cos(turnOf(j)));
const SIN = Float64Array.from({ length: ANGLES }, (_, j) => Math.sin(turnOf(j)));

/** Adds factor × cos(times φ + phase) to values on the circle. */
function addWave(values: Float64Array, factor: number, times: number, phase: number): Float64Array {
  const [c, s] = [factor * Math.cos(phase), factor * Math.sin(phase)];
  for (let j = 0, k = 0; j < ANGLES; j++, k = (k + times) % ANGLES) values[j]! += COS[k]! * c - SIN[k]! * s;
  return values;
}

/** The mean over a circle of arms times knots, where the logarithm is 2 ln(r / R). */
function aroundCircle(numbers: Record<SpiralNumbers, number>, waves: Knots["waves"], logarithm: number) {
  const { count, sharpness, least, lopsidedness, contrast, minusPeak } = numbers;
  const from = -numbers.phase - numbers.winding * logarithm;
  const arms = addWave(new Float64Array(ANGLES), sharpness, count, count * from);
  const unequal = addWave(new Float64Array(ANGLES).fill(1), lopsidedness, 1, from);
  const knots = new Float64Array(ANGLES).fill(minusPeak);
  for (const [times, turns, phase] of waves) addWave(knots, contrast, times, (turns / 2) * logarithm + phase);
  let sum = 0;
  for (let j = 0; j < ANGLES; j++) sum += (Math.exp(arms[j]!) - least) * unequal[j]! * Math.exp(knots[j]!);
  return sum / ANGLES;
}
