/**
 * Substructure that tells kinds of dark matter apart: none, subhaloes of cold dark matter, or a vortex of superfluid
 * (axion) dark matter: the three classes of Alexander et al. (2020, ApJ 893, 15; arXiv:1909.07346).
 */
import { refuse } from "../foundation/errors.ts";
import type { Draws } from "../foundation/random.ts";
import type { MassComponent, TruncatedSis } from "./profiles/mass/registry.ts";

/** How much mass is in subhaloes, and in which. */
export interface SubhaloOptions {
  /**
   * Fraction of the mass within `radius` in subhaloes: 0.006 to 0.07 (90 %) from flux ratios (Dalal & Kochanek 2002,
   * ApJ 572, 25); 0.0064 (+0.0080 −0.0042) from arcs (Vegetti et al. 2014, MNRAS 442, 2017).
   */
  fraction: number;
  /** dN/dm ∝ m^−slope; 1.9 (Springel et al. 2008, MNRAS 391, 1685). */
  slope: number;
  /** Range of masses, solar masses. */
  least: number;
  /** Largest mass, solar masses. */
  most: number;
  /** Radius of the field that they are in, in Einstein radii. */
  radius: number;
  /**
   * Core radius of their distribution over the field, n ∝ 1 / (1 + r² / core²), in Einstein radii; null for uniform, as
   * it is over such a small part of a halo (Xu et al. 2015, MNRAS 447, 3189).
   */
  core: number | null;
  /** Whether a sheet of negative convergence removes the subhaloes' mean density from the smooth lens. */
  compensated: boolean;
}

export const SUBHALOES: SubhaloOptions = {
  fraction: 0.01,
  slope: 1.9,
  least: 1e6,
  most: 1e10,
  radius: 2,
  core: null,
  compensated: true,
};

/** The lens that hosts subhaloes. */
export interface Host {
  /** Einstein radius, arcsec. */
  thetaE: number;
  /** Its centre, arcsec. */
  x: number;
  /** Its centre, arcsec. */
  y: number;
  /** Solar masses per arcsec² (`criticalDensity`). */
  criticalDensity: number;
}

/** Mean mass of dN/dm ∝ m^−slope. */
export function meanMass({ slope, least, most }: Pick<SubhaloOptions, "slope" | "least" | "most">): number {
  const integral = (power: number) =>
    Math.abs(power) < 1e-9 ? Math.log(most / least) : (most ** power - least ** power) / power;
  return integral(2 - slope) / integral(1 - slope);
}

/** A mass drawn from dN/dm ∝ m^−slope. */
function drawMass(d: Draws, { slope, least, most }: SubhaloOptions): number {
  const u = d.uniform();
  const power = 1 - slope;
  if (Math.abs(power) < 1e-9) return least * (most / least) ** u;
  return (least ** power + u * (most ** power - least ** power)) ** (1 / power);
}

/** A Poisson count of any expectation: a sum of Poisson counts is one. */
function count(d: Draws, expectation: number): number {
  let total = 0;
  for (let remaining = expectation; remaining > 0; remaining -= 50)
    total += d.poisson(Math.min(remaining, 50));
  return total;
}

function check(options: SubhaloOptions): void {
  const { fraction, least, most, radius, core } = options;
  if (!(fraction >= 0 && fraction < 1)) refuse("subhaloes", "fraction", "in [0, 1)", fraction);
  if (!(least > 0)) refuse("subhaloes", "least", "a positive mass", least);
  if (!(most > least)) refuse("subhaloes", "most", `a mass above least, ${least}`, most);
  if (!(radius > 0)) refuse("subhaloes", "radius", "positive", radius);
  if (core !== null && !(core > 0)) refuse("subhaloes", "core", "positive, or null", core);
}

/**
 * Subhaloes of an isothermal lens, whose mass within a radius r is π Σ_cr θ_E r. Each is a truncated isothermal sphere of
 * mass π a b Σ_cr, truncated by the host's tide at a = √(b θ_E) (Dalal & Kochanek 2002, section 2).
 */
export function subhaloes(d: Draws, host: Host, changes: Partial<SubhaloOptions> = {}): MassComponent[] {
  const options = { ...SUBHALOES, ...changes };
  check(options);
  const { thetaE, criticalDensity } = host;
  const field = options.radius * thetaE;
  const expected = options.fraction * Math.PI * criticalDensity * thetaE * field;
  const clumps = Array.from({ length: count(d, expected / meanMass(options)) }, () => {
    const mass = drawMass(d, options);
    const r = distance(d, options) * thetaE;
    const turn = d.uniform(0, 2 * Math.PI);
    const position = { x: host.x + r * Math.cos(turn), y: host.y + r * Math.sin(turn) };
    return { profile: "truncatedSis" as const, ...clumpOf(mass, host), ...position };
  });
  if (!options.compensated) return clumps;
  return [...clumps, { profile: "sheet", kappa: -expected / (Math.PI * field ** 2 * criticalDensity) }];
}

/** The profile of a subhalo of the given mass: a b = m / (π Σ_cr) and a² = b θ_E. */
export function clumpOf(mass: number, host: Host): Pick<TruncatedSis, "a" | "b"> {
  const b = (mass / (Math.PI * host.criticalDensity * Math.sqrt(host.thetaE))) ** (2 / 3);
  return { b, a: Math.sqrt(b * host.thetaE) };
}

/** A distance from the centre, in Einstein radii. */
function distance(d: Draws, { radius, core }: SubhaloOptions): number {
  if (core === null) return radius * Math.sqrt(d.uniform());
  return core * Math.sqrt((1 + (radius / core) ** 2) ** d.uniform() - 1);
}

/** Mass and length of a vortex. */
export interface VortexOptions {
  /** Its mass, as a fraction of the mass within the Einstein radius: 0.03 to 0.055 in Alexander et al. (2020). */
  fraction: readonly [low: number, high: number];
  /** Its length, in Einstein radii. */
  length: readonly [low: number, high: number];
}

const VORTEX: VortexOptions = { fraction: [0.03, 0.055], length: [0.5, 2] };

/** A vortex at a random position within the Einstein radius, in a random direction. */
export function vortexIn(
  d: Draws,
  host: Pick<Host, "thetaE" | "x" | "y">,
  changes: Partial<VortexOptions> = {},
): MassComponent[] {
  const { fraction, length } = { ...VORTEX, ...changes };
  const r = host.thetaE * Math.sqrt(d.uniform());
  const turn = d.uniform(0, 2 * Math.PI);
  return [
    {
      profile: "vortex",
      thetaE: host.thetaE * Math.sqrt(d.uniform(...fraction)), // of a point mass of its mass
      length: host.thetaE * d.uniform(...length),
      angle: d.orientation(),
      x: host.x + r * Math.cos(turn),
      y: host.y + r * Math.sin(turn),
    },
  ];
}

/** The classes of substructure. */
export const SUBSTRUCTURE = ["none", "cdm", "vortex"] as const;

/** A kind of substructure, by name. */
export type Substructure = (typeof SUBSTRUCTURE)[number];

/** The substructure that a class adds to a lens. */
export function substructure(kind: Substructure, d: Draws, host: Host): MassComponent[] {
  if (kind === "none") return [];
  return kind === "cdm" ? subhaloes(d, host) : vortexIn(d, host);
}
