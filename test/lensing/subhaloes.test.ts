import { expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { criticalDensity, PLANCK15 } from "../../src/lensing/cosmology.ts";
import type { MassComponent, TruncatedSis } from "../../src/lensing/profiles/mass/registry.ts";
import {
  clumpOf,
  meanMass,
  type SUBHALOES,
  SUBSTRUCTURE,
  subhaloes,
  substructure,
  vortexIn,
} from "../../src/lensing/subhaloes.ts";

const host = { thetaE: 1.3, x: 0.1, y: -0.2, criticalDensity: criticalDensity(PLANCK15, 0.5, 2) };
type Clump = TruncatedSis & { profile: "truncatedSis" };
const clumpsOf = (components: MassComponent[]) =>
  components.filter((component): component is Clump => component.profile === "truncatedSis");
const massOf = ({ a, b }: Pick<TruncatedSis, "a" | "b">) => Math.PI * a * b * host.criticalDensity;
/** The substructure of many lenses. */
const draw = (lenses: number, changes = {}) =>
  Array.from({ length: lenses }, (_, seed) => subhaloes(new Draws(seed), host, changes));

test("the mean mass of a power law, by hand", () => {
  // slope 2 from 1 to e: ∫ m^−1 / ∫ m^−2 = 1 / (1 − 1 / e)
  expect(meanMass({ slope: 2, least: 1, most: Math.E })).toBeCloseTo(1 / (1 - 1 / Math.E), 12);
  // slope 0: the middle
  expect(meanMass({ slope: 0, least: 2, most: 6 })).toBeCloseTo(4, 12);
});

test("a clump has its mass, and is truncated by the host's tide", () => {
  const clump = clumpOf(1e8, host);
  expect(massOf(clump) / 1e8).toBeCloseTo(1, 12);
  expect(clump.a ** 2 / (clump.b * host.thetaE)).toBeCloseTo(1, 12);
});

test("the subhaloes hold their fraction of the mass, π Σ_cr θ_E r within r", () => {
  // A narrow range of masses, for little scatter
  const options = { least: 1e8, most: 2e8, fraction: 0.02 };
  const masses = draw(400, options).map((list) =>
    clumpsOf(list).reduce((sum, clump) => sum + massOf(clump), 0),
  );
  const mean = masses.reduce((sum, mass) => sum + mass, 0) / masses.length;
  const whole = Math.PI * host.criticalDensity * 1.3 * 2.6;
  expect(mean / whole / 0.02).toBeCloseTo(1, 1);
  const sheet = draw(1, options)[0]!.find((component) => component.profile === "sheet")!;
  // −fraction · mean convergence within 2 θ_E, which is ½
  expect(sheet.profile === "sheet" && sheet.kappa).toBeCloseTo(-0.02 / 2, 12);
  expect(draw(1, { compensated: false })[0]!.some(({ profile }) => profile === "sheet")).toBe(false);
});

test("masses follow dN/dm ∝ m^−1.9 between their limits", () => {
  const masses = draw(60).flatMap((list) => clumpsOf(list).map(massOf));
  expect(masses.length).toBeGreaterThan(5000);
  expect(Math.min(...masses)).toBeGreaterThan(0.999e6);
  expect(Math.max(...masses)).toBeLessThan(1.001e10);
  for (const m of [2e6, 1e7, 1e8]) {
    const above = masses.filter((mass) => mass > m).length / masses.length;
    const want = (m ** -0.9 - 1e10 ** -0.9) / (1e6 ** -0.9 - 1e10 ** -0.9);
    expect(Math.abs(above - want)).toBeLessThan(5 * Math.sqrt(want / masses.length));
  }
});

test("they are uniform over the field, or concentrated towards the centre if they have a core", () => {
  const radii = (core: number | null) =>
    draw(20, { core }).flatMap((list) =>
      clumpsOf(list).map(({ x, y }) => Math.hypot(x - 0.1, y + 0.2) / 1.3),
    );
  const within = (list: number[]) => list.filter((r) => r < 1).length / list.length;
  const uniform = radii(null);
  expect(Math.max(...uniform)).toBeLessThanOrEqual(2);
  expect(Math.abs(within(uniform) - 1 / 4)).toBeLessThan(5 * Math.sqrt(0.19 / uniform.length));
  const cored = radii(0.5);
  // ln(1 + 1 / 0.25) / ln(1 + 4 / 0.25)
  const want = Math.log(5) / Math.log(17);
  expect(Math.abs(within(cored) - want)).toBeLessThan(5 * Math.sqrt(0.25 / cored.length));
});

test("a vortex is within the Einstein radius, with its fraction of the mass", () => {
  for (let seed = 0; seed < 200; seed++) {
    const [vortex] = vortexIn(new Draws(seed), host);
    if (vortex?.profile !== "vortex") expect.fail("no vortex");
    expect(Math.hypot(vortex.x - 0.1, vortex.y + 0.2)).toBeLessThanOrEqual(1.3);
    const fraction = (vortex.thetaE / 1.3) ** 2;
    expect(fraction).toBeGreaterThanOrEqual(0.03);
    expect(fraction).toBeLessThanOrEqual(0.055);
    expect(vortex.length / 1.3).toBeGreaterThanOrEqual(0.5);
    expect(vortex.length / 1.3).toBeLessThanOrEqual(2);
  }
});

test("the three classes add nothing, clumps, or a vortex; a seed gives the same lens again", () => {
  const profiles = SUBSTRUCTURE.map((kind) => [
    ...new Set(substructure(kind, new Draws(5), host).map(({ profile }) => profile)),
  ]);
  expect(profiles).toEqual([[], ["truncatedSis", "sheet"], ["vortex"]]);
  expect(substructure("cdm", new Draws(5), host)).toEqual(substructure("cdm", new Draws(5), host));
  expect(substructure("cdm", new Draws(6), host)).not.toEqual(substructure("cdm", new Draws(5), host));
});

test("impossible subhaloes are refused by name", () => {
  const attempt = (changes: Partial<typeof SUBHALOES>) => () => subhaloes(new Draws(1), host, changes);
  expect(attempt({ fraction: 1 })).toThrow(/subhaloes: fraction must be in \[0, 1\), got 1/);
  expect(attempt({ least: 0 })).toThrow(/least must be a positive mass/);
  expect(attempt({ most: 1e5 })).toThrow(/most must be a mass above least, 1000000/);
  expect(attempt({ core: 0 })).toThrow(/core must be positive, or null/);
});
