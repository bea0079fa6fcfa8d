import { expect, test } from "vitest";
import { FWHM_PER_SIGMA, gammaPerFwhm, SIGMA_PER_FWHM } from "../../src/sky/fwhm.ts";

test("a Gaussian falls to half its height at half its full width", () => {
  expect(FWHM_PER_SIGMA).toBeCloseTo(2.3548200450309493, 14);
  expect(Math.exp(-0.5 * (0.5 / SIGMA_PER_FWHM) ** 2)).toBeCloseTo(0.5, 14);
});

test("so does Moffat's profile, whatever its wings", () => {
  for (const beta of [1, 2.5, 4.765])
    expect((1 + (0.5 / gammaPerFwhm(beta)) ** 2) ** -beta, `β = ${beta}`).toBeCloseTo(0.5, 14);
});
