import { describe, expect, test } from "vitest";
import { writtenOf } from "../../../src/making/cutting/written.ts";

const config = { pixels: "display" as const, survey: "cfhtls", size: 2, zeroPoint: null };
/** A plane of 2 × 2 pixels for each band. */
const planes = (...fluxes: number[]) => Float32Array.from(fluxes.flatMap((flux) => [flux, flux, flux, flux]));

describe("what is written of a cutout", () => {
  test("flux is written as it is", () => {
    const { bands, of } = writtenOf({ ...config, pixels: "flux", bands: ["g", "r"] });
    const flux = planes(1, 2);
    expect(bands).toEqual(["g", "r"]);
    expect(of(flux)).toBe(flux);
  });
  test("a composite has the survey's channels and stretch, whatever the order of the bands that are cut", () => {
    // HumVI with scales 0.4, 0.6, 1.7 over their mean 0.9, Q 1, alpha 0.09: i, r, g of 20, 10, 5 become 8.889, 6.667 and 9.444,
    // their sum 25, the gain asinh(2.25) / 25 = 0.06198: 0.5510, 0.4132 and 0.5854 of 255.
    const expected = [...planes(140, 105, 149)];
    const { bands, of } = writtenOf({ ...config, bands: ["i", "r", "g"] });
    expect(bands).toEqual(["i", "r", "g"]);
    expect([...of(planes(20, 10, 5))]).toEqual(expected);
    expect([...writtenOf({ ...config, bands: ["g", "z", "r", "i"] }).of(planes(5, 99, 10, 20))]).toEqual(
      expected,
    );
  });
  test("composites need a survey, all of its bands, and its unit of flux", () => {
    expect(() => writtenOf({ ...config, survey: null, bands: ["i", "r", "g"] })).toThrow(/--survey/);
    expect(() => writtenOf({ ...config, bands: ["g", "r"] })).toThrow(/made of i, r, g; --bands has no i/);
    expect(() => writtenOf({ ...config, bands: ["i", "r", "g"], zeroPoint: 27 })).toThrow(/30.*27/);
  });
});
