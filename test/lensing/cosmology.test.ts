import { expect, test } from "vitest";
import {
  ARCSEC,
  angularDistance,
  comovingDistance,
  criticalDensity,
  einsteinRadius,
  luminosityDistance,
  nfwOf,
  PLANCK15,
  universeDensity,
  velocityDispersion,
} from "../../src/lensing/cosmology.ts";

test("distances agree with the calculators of Wright, Kempner and iCosmos, as recorded in astropy's tests", () => {
  // H0 = 70, Ω_m = 0.27, z = 1; in that order, of 2012-02-11
  const cosmology = { H0: 70, matter: 0.27 };
  for (const published of [3364.5, 3364.8, 3364.7988])
    expect(Math.abs(comovingDistance(cosmology, 1) / published - 1)).toBeLessThan(1e-4);
  for (const published of [1682.3, 1682.4, 1682.3994])
    expect(Math.abs(angularDistance(cosmology, 1) / published - 1)).toBeLessThan(1e-4);
  for (const published of [6729.2, 6729.6, 6729.5976])
    expect(Math.abs(luminosityDistance(cosmology, 1) / published - 1)).toBeLessThan(1e-4);
  expect(comovingDistance(cosmology, 1)).toBeCloseTo(3364.7988, 3);
});

test("distances agree with astropy's documentation, except for radiation and neutrinos", () => {
  // WMAP9: H0 = 69.32, Ω_m = 0.2865
  const wmap9 = { H0: 69.32, matter: 0.2865 };
  for (const [z, published] of [
    [0.5, 1916.0694236],
    [1, 3363.07064333],
    [1.5, 4451.74756242],
  ] as const)
    expect(Math.abs(comovingDistance(wmap9, z) / published - 1)).toBeLessThan(3e-4);
});

test("distances are 2 c / H0 (1 − 1 / √(1 + z)) in a universe of matter alone, c z / H0 in one of Λ alone", () => {
  for (const z of [0.01, 0.5, 2, 10]) {
    expect(comovingDistance({ H0: 70, matter: 1 }, z)).toBeCloseTo(
      ((2 * 299_792.458) / 70) * (1 - 1 / Math.sqrt(1 + z)),
      7,
    );
    expect(comovingDistance({ H0: 70, matter: 0 }, z)).toBeCloseTo((299_792.458 / 70) * z, 7);
  }
});

test("comoving distances from a lens to its source add up", () => {
  const [l, s] = [0.5, 2];
  const { H0, matter } = PLANCK15;
  const whole = comovingDistance({ H0, matter }, s);
  const parts = comovingDistance(PLANCK15, l) + angularDistance(PLANCK15, s, l) * (1 + s);
  expect(parts).toBeCloseTo(whole, 8);
});

test('the Einstein radius of 250 km/s: 4π (σ / c)² = 1.8" times D_ls / D_s, and back', () => {
  const thetaE = einsteinRadius(PLANCK15, 250, 0.3, 1.5);
  const ratio = angularDistance(PLANCK15, 1.5, 0.3) / angularDistance(PLANCK15, 1.5);
  // 4π (250 / 299792.458)² rad = 8.7387e-6 rad = 1.80249"
  expect(thetaE / ratio).toBeCloseTo(1.80249, 4);
  expect(velocityDispersion(PLANCK15, thetaE, 0.3, 1.5)).toBeCloseTo(250, 9);
});

test('SLACS J0037−0942 (Bolton et al. 2008, ApJ 682, 964): θ_E 1.53", stars of 279 ± 10 km/s', () => {
  // Isothermal lenses' σ agree with their stars' to a few per cent: here within 1.5 times the measurement's error
  const sigma = velocityDispersion({ H0: 70, matter: 0.3 }, 1.53, 0.1955, 0.6322);
  expect(Math.abs(sigma - 279)).toBeLessThan(15);
});

test("the mass within an Einstein radius, π θ_E² Σ_cr, is the isothermal sphere's, π σ² r / G", () => {
  const [sigma, l, s] = [230, 0.4, 1.8];
  const thetaE = einsteinRadius(PLANCK15, sigma, l, s);
  const radius = thetaE * ARCSEC * angularDistance(PLANCK15, l); // Mpc
  const mass = Math.PI * thetaE ** 2 * criticalDensity(PLANCK15, l, s);
  expect(mass / ((Math.PI * sigma ** 2 * radius) / 4.30091e-9)).toBeCloseTo(1, 10);
});

test("the critical density of the universe is 2.775e11 h² solar masses per Mpc³", () => {
  expect(universeDensity({ H0: 100, matter: 0.3 }, 0) / 2.7754e11).toBeCloseTo(1, 4);
});

test("a halo's deflection at its scale radius follows from the mass in the cylinder, by quadrature", () => {
  const [mass, c, l, s] = [1e13, 6, 0.5, 2];
  const { Rs, alphaRs } = nfwOf(PLANCK15, mass, c, l, s);
  const scale = Rs * ARCSEC * angularDistance(PLANCK15, l); // Mpc
  expect((4 / 3) * Math.PI * (c * scale) ** 3 * 200 * universeDensity(PLANCK15, l)).toBeCloseTo(mass, -4);
  // ∫ ρ dV over R < r_s, all z, with ρ = ρ_s / (x (1 + x)²): in R = sin-like steps and z = sinh t, midpoints
  let integral = 0;
  const [rings, steps] = [400, 2000];
  for (let i = 0; i < rings; i++) {
    const R = ((i + 0.5) / rings) ** 2;
    const dR = (2 * (i + 0.5)) / rings ** 2;
    for (let k = 0; k < steps; k++) {
      const t = ((k + 0.5) / steps) * 14;
      const x = R * Math.cosh(t);
      integral += (2 * 2 * Math.PI * R * dR * R * Math.cosh(t) * (14 / steps)) / (x * (1 + x) ** 2);
    }
  }
  const density = mass / (4 * Math.PI * scale ** 3 * (Math.log(1 + c) - c / (1 + c)));
  const cylinder = density * scale ** 3 * integral;
  expect(alphaRs / (cylinder / (Math.PI * Rs * criticalDensity(PLANCK15, l, s)))).toBeCloseTo(1, 3);
});

test("impossible redshifts and masses are refused", () => {
  expect(() => comovingDistance(PLANCK15, -0.1)).toThrow(/z must be a redshift/);
  expect(() => einsteinRadius(PLANCK15, 200, 1, 0.5)).toThrow(/redshift must be above the lens's 1, got 0.5/);
  expect(() => nfwOf(PLANCK15, 0, 5, 0.3, 1)).toThrow(/mass must be positive/);
});
