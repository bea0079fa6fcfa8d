import { expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import type { Positions } from "../../src/lensing/profiles/frame.ts";
import { besselI0 } from "../../src/lensing/profiles/light/bessel.ts";
import { clumps } from "../../src/lensing/profiles/light/clumps.ts";
import { checkImage, imageModel, type SourceImage } from "../../src/lensing/profiles/light/image.ts";
import { brightness } from "../../src/lensing/profiles/light/model.ts";
import { ringFlux, sersicRing } from "../../src/lensing/profiles/light/ring.ts";
import { gaussian, sersic, sersicFlux } from "../../src/lensing/profiles/light/sersic.ts";
import { spiral } from "../../src/lensing/profiles/light/spiral.ts";
import { arange, tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { slow } from "../slow.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";
import { placementOf, profiles } from "./oracle.ts";

slow("integrates light over fine grids");

noTensorIsLeft();

/** A square grid's cell centres: x (1, 1, n), y (1, n, 1). */
function square(halfWidth: number, n: number): Positions {
  const step = (2 * halfWidth) / n;
  const axis = arange(0, n, 1, { dtype: "float64" }).add(0.5).mul(step).sub(halfWidth);
  return { x: axis.reshape([1, 1, n]), y: axis.reshape([1, n, 1]) };
}
const integral = (halfWidth: number, n: number, total: (at: Positions) => number) =>
  tidy(() => total(square(halfWidth, n))) * ((2 * halfWidth) / n) ** 2;
const positions = (x: readonly number[], y: readonly number[]): Positions => ({
  x: tensor(Float64Array.from(x), [1, x.length]),
  y: tensor(Float64Array.from(y), [1, y.length]),
});

test("Sérsic and Gaussian brightness and total flux agree with lenstronomy", () => {
  expect(profiles.light.map(({ profile }) => profile)).toEqual([
    "SERSIC",
    "SERSIC_ELLIPSE",
    "SERSIC_ELLIPSE",
    "GAUSSIAN",
  ]);
  for (const { profile, parameters, x, y, surface_brightness, total_flux } of profiles.light) {
    const { amp, R_sersic, n_sersic, sigma } = parameters;
    const shape = profile === "GAUSSIAN" ? gaussian(sigma) : { R: R_sersic, n: n_sersic };
    const galaxy = { ...shape, ...placementOf(parameters) };
    // A Gaussian's amplitude is its total flux, a Sérsic profile's its brightness at R
    const unit = profile === "GAUSSIAN" ? amp / sersic.flux(galaxy) : amp;
    const got = tidy(() => brightness(sersic, positions(x, y), [galaxy]).numbers());
    got.forEach((value, i) => {
      expect(Math.abs((value * unit) / surface_brightness[i]! - 1), `${profile} ${i}`).toBeLessThan(1e-8);
    });
    expect(Math.abs((sersic.flux(galaxy) * unit) / total_flux[0]! - 1)).toBeLessThan(1e-8);
  }
});

test("brightness is 1 at R along either axis, and half the light is inside", () => {
  const galaxy = { R: 0.8, n: 2.3, q: 0.6, angle: Math.PI / 2, x: 0.3, y: -0.1 };
  // the major axis points up: R / √q along y, R √q along x
  const at = () => positions([0.3, 0.3 + 0.8 * Math.sqrt(0.6)], [-0.1 + 0.8 / Math.sqrt(0.6), -0.1]);
  const got = tidy(() => brightness(sersic, at(), [galaxy]).numbers());
  expect(got[0]).toBeCloseTo(1, 12);
  expect(got[1]).toBeCloseTo(1, 12);
  const round = { ...galaxy, n: 1, q: 1, x: 0, y: 0 };
  const inside = integral(0.8, 400, (grid) => {
    const r2 = grid.x.square().add(grid.y.square());
    return brightness(sersic, grid, [round]).mul(r2.le(0.64)).sum().item();
  });
  expect(inside / sersicFlux(0.8, 1)).toBeCloseTo(0.5, 2);
});

test("at its centre, where the formula has ln 0, a profile has its peak exp(b)", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const peak = tidy(() => {
      const zero = tensor([0], [1, 1], { dtype });
      const galaxy = { R: 1, n: 4, q: 0.5, angle: 0.3, x: 0, y: 0 };
      return brightness(sersic, { x: zero, y: zero }, [galaxy]).item();
    });
    expect(peak / Math.exp(1.9992 * 4 - 0.3271)).toBeCloseTo(1, 5);
  }
});

test("a ring's flux is ∫ 2π r f dr, whatever its width and index", () => {
  for (const [ring, R, n] of [
    [1.5, 0.3, 0.5],
    [0.8, 0.3, 0.5],
    [1, 0.2, 1],
    [0.6, 0.1, 2],
    [0.2, 0.5, 1],
  ] as const) {
    const sum = tidy(() => {
      const [steps, end] = [500_000, 16];
      const r = arange(0, steps, 1, { dtype: "float64" })
        .add(0.5)
        .mul(end / steps)
        .unsqueeze(0);
      const f = brightness(sersicRing, { x: r, y: r.mul(0) }, [{ ring, R, n, q: 1, angle: 0.5, x: 0, y: 0 }]);
      return (2 * Math.PI * f.mul(r).sum().item() * end) / steps;
    });
    expect(ringFlux({ ring, R, n }) / sum, `ring ${ring} ${R} ${n}`).toBeCloseTo(1, 4);
  }
});

test("an inclined ring has the flux of a round ring", () => {
  const ring = { ring: 1.2, R: 0.3, n: 0.5, q: 0.5, angle: 0.5, x: 0, y: 0 };
  const flux = integral(4, 600, (at) => brightness(sersicRing, at, [ring]).sum().item());
  expect(flux / ringFlux(ring)).toBeCloseTo(1, 5);
});

test("a ring is brightest at its radius", () => {
  const ring = { ring: 1.2, R: 0.2, n: 1, q: 1, angle: 0, x: 0, y: 0 };
  const got = tidy(() =>
    brightness(sersicRing, positions([0.5, 1.19, 1.2, 1.21, 2], [0, 0, 0, 0, 0]), [ring]).numbers(),
  );
  expect(got.indexOf(Math.max(...got))).toBe(2);
  expect(got[1]).toBeCloseTo(got[3]!, 12);
});

test("spiral arms are a factor of mean 1, with their count and winding", () => {
  const disc = { R: 0.9, n: 1, q: 0.6, angle: 0.8, x: 0, y: 0 };
  const galaxy = { ...disc, arms: { amplitude: 0.6, count: 3, pitch: 0.4 } };
  // A circle in the plane of the disc at r = 0.9 · 1.5, starting at the major axis.
  const steps = 360;
  const r = 0.9 * 1.5;
  const circle = Array.from({ length: steps }, (_, i) => {
    const turn = (2 * Math.PI * i) / steps;
    const [u, v] = [r * Math.cos(turn), 0.6 * r * Math.sin(turn)];
    return [u * Math.cos(0.8) - v * Math.sin(0.8), u * Math.sin(0.8) + v * Math.cos(0.8)] as const;
  });
  const factors = tidy(() => {
    const at = positions(
      circle.map(([x]) => x),
      circle.map(([, y]) => y),
    );
    return brightness(spiral, at, [galaxy])
      .div(brightness(sersic, at, [disc]))
      .numbers();
  });
  expect(factors.reduce((sum, value) => sum + value, 0) / steps).toBeCloseTo(1, 10);
  // 1 + A (g − 1) by hand, at three angles: a sharpness of 1, I₀(1) = 1.2660659, e^−1 = 0.3678794
  for (const i of [0, 57, 200]) {
    const phase = 3 * ((2 * Math.PI * i) / steps - Math.log(1.5) / Math.tan(0.4));
    const g = (Math.exp(Math.cos(phase)) - 0.36787944117) / (1.26606587775 - 0.36787944117);
    expect(factors[i]).toBeCloseTo(1 + 0.6 * (g - 1), 7);
  }
});

test("arms may be sharp, unequal, fade towards the centre and have knots", () => {
  const round = { R: 0.8, n: 1, q: 1, angle: 0, x: 0, y: 0 };
  const arms = { amplitude: 1, count: 2, pitch: Math.PI / 2, sharpness: 2 };
  /** On the arm, on the one opposite, and midway, all at r = 0.8. */
  const factors = (changes: object) =>
    tidy(() =>
      brightness(spiral, positions([0.8, -0.8, 0], [0, 0, 0.8]), [
        { ...round, arms: { ...arms, ...changes } },
      ]).numbers(),
    );
  const close = (got: readonly number[], want: readonly number[]) =>
    want.forEach((value, i) => {
      expect(got[i], String(i)).toBeCloseTo(value, 5);
    });
  // (e² − e^−2) / (I₀(2) − e^−2) = 7.2537208 / (2.2795853 − 0.1353353) = 3.3828707
  close(factors({}), [3.3828707, 3.3828707, 0]);
  close(factors({ lopsidedness: 0.5 }), [5.074306, 1.6914354, 0]);
  close(factors({ phase: Math.PI / 2 }), [0, 0, 3.3828707]);
  // half of it where r is the core's radius
  close(factors({ core: 0.8 }), [2.1914354, 2.1914354, 0.5]);
  // (e / I₀(1))³ = 2.1470303³ = 9.8972467 where three waves are high, (e^−1 / I₀(1))³ = 0.0245326 where they are low
  const knots = {
    contrast: 1,
    waves: [
      [1, 3, 0],
      [3, -2, 0],
      [5, 1, 0],
    ],
  };
  const got = factors({ knots });
  expect(got[0]! / (3.3828707 * 9.8972467)).toBeCloseTo(1, 5);
  expect(got[1]! / (3.3828707 * 0.0245326)).toBeCloseTo(1, 4);
});

test("arms keep the flux of their disc or ring, knots by a quadrature, and are nowhere negative or infinite", () => {
  const arms = { amplitude: 0.9, count: 2, pitch: 0.35, sharpness: 3, lopsidedness: 0.5, core: 0.15 };
  const knots = {
    contrast: 1,
    waves: [
      [4, 3.1, 0.3],
      [7, -4.4, 1],
      [9, 6.2, 2.5],
    ],
  } as const;
  const disc = { R: 0.6, n: 0.7, q: 0.6, angle: 0.5, x: 0.1, y: -0.2 };
  for (const [name, galaxy] of Object.entries({
    disc: { ...disc, arms },
    ring: { ...disc, R: 0.25, n: 0.5, ring: 0.8, arms },
    "knotted disc": { ...disc, arms: { ...arms, knots } },
    "knotted ring": { ...disc, R: 0.25, n: 0.5, ring: 0.8, arms: { ...arms, core: 0, knots } },
    "a part of a ring": {
      ...disc,
      R: 0.2,
      ring: 0.9,
      arms: { amplitude: 1, count: 1, pitch: Math.PI / 2, sharpness: 6 },
    },
  })) {
    const total = integral(5, 1000, (at) => {
      const values = brightness(spiral, at, [galaxy]);
      expect(values.isfinite().all().item(), name).toBeTruthy();
      expect(values.min().item(), name).toBeGreaterThan(-1e-9);
      return values.sum().item();
    });
    expect(spiral.flux(galaxy) / total, name).toBeCloseTo(1, 2);
    for (const dtype of ["float32", "float64"] as const) {
      const centre = tidy(() => {
        const at = { x: tensor([0.1], [1, 1], { dtype }), y: tensor([-0.2], [1, 1], { dtype }) };
        return brightness(spiral, at, [galaxy]).item();
      });
      expect(Number.isFinite(centre) && centre >= 0, `${name} ${dtype}`).toBe(true);
    }
  }
});

test("arms turn with their galaxy's frame", () => {
  const knots = {
    contrast: 0.7,
    waves: [
      [4, 3.1, 0.3],
      [7, -4.4, 1],
      [9, 6.2, 2.5],
    ],
  } as const;
  const arms = { amplitude: 0.9, count: 2, pitch: -0.35, lopsidedness: 0.5, phase: 1.2, core: 0.1, knots };
  const galaxy = { R: 0.6, n: 0.7, q: 0.6, ring: 0.4, arms };
  const [u, v] = [
    [0.3, -0.5, 0.8],
    [0.2, 0.4, -0.1],
  ];
  const turned = u!.map((_, k) => [
    1 + u![k]! * Math.cos(0.7) - v![k]! * Math.sin(0.7),
    2 + u![k]! * Math.sin(0.7) + v![k]! * Math.cos(0.7),
  ]);
  const plain = tidy(() =>
    brightness(spiral, positions(u!, v!), [{ ...galaxy, angle: 0, x: 0, y: 0 }]).numbers(),
  );
  const got = tidy(() => {
    const at = positions(
      turned.map(([x]) => x!),
      turned.map(([, y]) => y!),
    );
    return brightness(spiral, at, [{ ...galaxy, angle: 0.7, x: 1, y: 2 }]).numbers();
  });
  plain.forEach((value, k) => {
    expect(got[k]! / value).toBeCloseTo(1, 9);
  });
});

test("the Bessel function I₀ has its tabulated values", () => {
  // Abramowitz & Stegun 1964, table 9.8: e^−x I₀(x)
  for (const [x, scaled] of [
    [0, 1],
    [1, 0.4657596077],
    [5, 0.1835408126],
    [10, 0.1278333372],
  ] as const)
    expect(Math.exp(-x) * besselI0(x), String(x)).toBeCloseTo(scaled, 9);
});

/** 4 × 3 pixels of 0.5": a plane of values 1 + column + 10 row. */
const sourceImage = (interpolation: "linear" | "cubic"): SourceImage => ({
  pixels: Float64Array.from({ length: 12 }, (_, i) => 1 + (i % 4) + 10 * Math.floor(i / 4)),
  width: 4,
  height: 3,
  scale: 0.5,
  interpolation,
});

test("an image as a source has its pixels at the right positions, rotated and shifted", () => {
  for (const interpolation of ["linear", "cubic"] as const) {
    const placement = { x: 0.2, y: -0.3, angle: 0.5 };
    const pixelAt = (column: number, row: number) => {
      const [u, v] = [(column - 1.5) * 0.5, (row - 1) * 0.5];
      return [
        0.2 + u * Math.cos(0.5) - v * Math.sin(0.5),
        -0.3 + u * Math.sin(0.5) + v * Math.cos(0.5),
      ] as const;
    };
    // pixel (3, 2): 24; pixel (0, 0): 1; half way between (1, 1) and (2, 1), inside the cubic's reach: 12.5; outside: 0
    const at = [pixelAt(3, 2), pixelAt(0, 0), pixelAt(1.5, 1), pixelAt(8, 1)];
    const got = tidy(() =>
      brightness(
        imageModel(sourceImage(interpolation)),
        positions(
          at.map(([x]) => x),
          at.map(([, y]) => y),
        ),
        [placement],
      ).numbers(),
    );
    [24, 1, 12.5, 0].forEach((want, i) => {
      expect(got[i], `${interpolation} ${i}`).toBeCloseTo(want, 9);
    });
  }
});

test("between pixels a cubic image is exact for a parabola", () => {
  const parabola: SourceImage = {
    pixels: Float64Array.from({ length: 49 }, (_, i) => ((i % 7) - 2) ** 2 + 3 * Math.floor(i / 7)),
    width: 7,
    height: 7,
    scale: 1,
    interpolation: "cubic",
  };
  const got = tidy(() =>
    brightness(imageModel(parabola), positions([0.3, -0.75], [0.4, 0.1]), [
      { x: 0, y: 0, angle: 0 },
    ]).numbers(),
  );
  expect(got[0]).toBeCloseTo((3.3 - 2) ** 2 + 3 * 3.4, 12);
  expect(got[1]).toBeCloseTo((2.25 - 2) ** 2 + 3 * 3.1, 12);
});

test("an image's flux is the sum of its pixels times their area", () => {
  for (const interpolation of ["linear", "cubic"] as const) {
    const model = imageModel(sourceImage(interpolation));
    const placement = { x: 0.1, y: 0, angle: 0.3 };
    const total = integral(3, 600, (at) => brightness(model, at, [placement]).sum().item());
    expect(model.flux(placement)).toBeCloseTo(150 * 0.25, 12);
    expect(total / model.flux(placement)).toBeCloseTo(1, 3);
  }
});

test("an image that can't be a source is refused, naming what is wrong", () => {
  const good = sourceImage("linear");
  expect(() => checkImage(good)).not.toThrow();
  expect(() => checkImage({ ...good, width: 5 })).toThrow(/pixels must be 5 × 3 = 15 values, got 12/);
  expect(() => checkImage({ ...good, scale: 0 })).toThrow(/scale must be a positive/);
  const holes = { ...good, pixels: Float64Array.from(good.pixels, (v, i) => (i === 7 ? Number.NaN : v)) };
  expect(() => checkImage(holes)).toThrow(/pixel 7 must be a finite number, got NaN/);
  expect(() => checkImage({ ...good, pixels: new Float64Array(12) })).toThrow(/sum must be positive/);
});

test("clumps share the stated flux, inside the disc and distributed like its light", () => {
  const disc = { R: 0.6, n: 1, q: 0.5, angle: 0.9, x: 0.3, y: -0.1 };
  const many = clumps(new Draws(3), disc, { count: 4000, share: 0.2, sigma: 0.03 });
  expect(many).toHaveLength(4000);
  expect(many.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(0.2, 10);
  const radii = many.map(({ x, y }) => {
    const [dx, dy] = [x - 0.3, y + 0.1];
    const u = dx * Math.cos(0.9) + dy * Math.sin(0.9);
    const v = dy * Math.cos(0.9) - dx * Math.sin(0.9);
    return Math.sqrt(0.5 * u * u + (v * v) / 0.5);
  });
  expect(Math.max(...radii)).toBeLessThanOrEqual(1.8 + 1e-9);
  // half of them within the half-light radius, to five standard deviations
  expect(Math.abs(radii.filter((r) => r < 0.6).length / 4000 - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 4000));
  const fluxes = many.map(({ share }) => share);
  expect(Math.max(...fluxes) / Math.min(...fluxes)).toBeLessThan(10.01);
});
