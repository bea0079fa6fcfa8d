import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Positions,
  ringFlux,
  sersic,
  sersicFlux,
  sersicRing,
  spiralArms,
} from "../../src/lensing/index.ts";
import { arange, liveTensors, tensor, tidy } from "../../src/torch/index.ts";
import { placeOf, profiles } from "./oracle.ts";

let before = 0;
beforeEach(() => {
  before = liveTensors();
});
afterEach(() => {
  expect(liveTensors()).toBe(before);
});

/** A square grid's cell centres: x (1, 1, n), y (1, n, 1). */
function square(halfWidth: number, n: number): Positions {
  const step = (2 * halfWidth) / n;
  const axis = arange(0, n, 1, { dtype: "float64" }).add(0.5).mul(step).sub(halfWidth);
  return { x: axis.reshape([1, 1, n]), y: axis.reshape([1, n, 1]) };
}
const integral = (halfWidth: number, n: number, brightness: (at: Positions) => number) =>
  tidy(() => brightness(square(halfWidth, n))) * ((2 * halfWidth) / n) ** 2;

test("Sérsic brightness and total flux are lenstronomy's", () => {
  expect(profiles.light).toHaveLength(3);
  for (const { profile, parameters, x, y, surface_brightness, total_flux } of profiles.light) {
    const { amp, R_sersic: R, n_sersic: n } = parameters;
    const got = tidy(() => {
      const at = {
        x: tensor(Float64Array.from(x), [1, x.length]),
        y: tensor(Float64Array.from(y), [1, y.length]),
      };
      return sersic(at, [{ R, n, ...placeOf(parameters) }]).numbers();
    });
    got.forEach((value, i) => {
      expect(Math.abs((value * amp) / surface_brightness[i]! - 1), `${profile} ${i}`).toBeLessThan(1e-8);
    });
    expect(Math.abs((sersicFlux(R, n) * amp) / total_flux[0]! - 1)).toBeLessThan(1e-8);
  }
});

test("brightness is 1 at R along the rounded axes and half the light lies inside", () => {
  const galaxy = { R: 0.8, n: 2.3, q: 0.6, angle: Math.PI / 2, x: 0.3, y: -0.1 };
  const got = tidy(() => {
    // the major axis points up: R / √q along y, R √q along x
    const x = tensor(Float64Array.from([0.3, 0.3 + 0.8 * Math.sqrt(0.6)]), [1, 2]);
    const y = tensor(Float64Array.from([-0.1 + 0.8 / Math.sqrt(0.6), -0.1]), [1, 2]);
    return sersic({ x, y }, [galaxy]).numbers();
  });
  expect(got[0]).toBeCloseTo(1, 12);
  expect(got[1]).toBeCloseTo(1, 12);
  const round = { ...galaxy, q: 1, x: 0, y: 0, n: 1 };
  const inside = integral(0.8, 400, (at) => {
    const r2 = at.x.square().add(at.y.square());
    return sersic(at, [round]).mul(r2.le(0.64)).sum().item();
  });
  expect(inside / sersicFlux(0.8, 1)).toBeCloseTo(0.5, 2);
});

test("at its centre, where ln 0 is taken, a profile has its peak exp(b)", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const peak = tidy(() => {
      const zero = tensor([0], [1, 1], { dtype });
      return sersic({ x: zero, y: zero }, [{ R: 1, n: 4, q: 0.5, angle: 0.3, x: 0, y: 0 }]).item();
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
      const f = sersicRing({ x: r, y: r.mul(0) }, [{ ring, R, n, q: 1, angle: 0.5, x: 0, y: 0 }]);
      return (2 * Math.PI * f.mul(r).sum().item() * end) / steps;
    });
    expect(ringFlux({ ring, R, n }) / sum, `ring ${ring} ${R} ${n}`).toBeCloseTo(1, 4);
  }
});

test("an inclined ring has the flux of a round one", () => {
  const flux = integral(4, 600, (at) =>
    sersicRing(at, [{ ring: 1.2, R: 0.3, n: 0.5, q: 0.5, angle: 0.5, x: 0, y: 0 }])
      .sum()
      .item(),
  );
  expect(flux / ringFlux({ ring: 1.2, R: 0.3, n: 0.5 })).toBeCloseTo(1, 5);
});

test("a ring is brightest at its radius", () => {
  const got = tidy(() => {
    const x = tensor(Float64Array.from([0.5, 1.19, 1.2, 1.21, 2]), [1, 5]);
    return sersicRing({ x, y: x.mul(0) }, [
      { ring: 1.2, R: 0.2, n: 1, q: 1, angle: 0, x: 0, y: 0 },
    ]).numbers();
  });
  expect(got.indexOf(Math.max(...got))).toBe(2);
  expect(got[1]).toBeCloseTo(got[3]!, 12);
});

test("spiral arms have mean one, their count and their winding", () => {
  const galaxy = {
    R: 0.9,
    n: 1,
    q: 0.6,
    angle: 0.8,
    x: 0,
    y: 0,
    arms: { amplitude: 0.6, count: 3, pitch: 0.4 },
  };
  // A circle in the plane of the disc at r = 0.9 · 1.5, from the major axis on.
  const steps = 360;
  const on = (r: number) =>
    tidy(() => {
      const turn = Array.from({ length: steps }, (_, i) => (2 * Math.PI * i) / steps);
      const places = turn.map((t) => {
        const [u, v] = [r * Math.cos(t), 0.6 * r * Math.sin(t)];
        return [u * Math.cos(0.8) - v * Math.sin(0.8), u * Math.sin(0.8) + v * Math.cos(0.8)] as const;
      });
      const x = tensor(
        Float64Array.from(places, ([x]) => x),
        [1, steps],
      );
      const y = tensor(
        Float64Array.from(places, ([, y]) => y),
        [1, steps],
      );
      return spiralArms({ x, y }, [galaxy]).numbers();
    });
  const factors = on(0.9 * 1.5);
  expect(factors.reduce((sum, value) => sum + value, 0) / steps).toBeCloseTo(1, 10);
  // 1 + A cos(m (φ − ln(r / R) / tan ψ)) by hand at φ = 0 and φ = 1 rad-ish
  for (const i of [0, 57, 200]) {
    const phase = 3 * ((2 * Math.PI * i) / steps - Math.log(1.5) / Math.tan(0.4));
    expect(factors[i]).toBeCloseTo(1 + 0.6 * Math.cos(phase), 7);
  }
});
