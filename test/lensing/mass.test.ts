import { afterEach, beforeEach, expect, test } from "vitest";
import {
  axisRatioOf,
  type Positions,
  shearDeflection,
  sieConvergence,
  sieDeflection,
} from "../../src/lensing/index.ts";
import { liveTensors, tensor, tidy } from "../../src/torch/index.ts";
import { type LensCase, placeOf, profiles } from "./oracle.ts";

let before = 0;
beforeEach(() => {
  before = liveTensors();
});
afterEach(() => {
  expect(liveTensors()).toBe(before);
});

const at = (x: number[], y: number[]): Positions => ({
  x: tensor(Float64Array.from(x), [1, x.length]),
  y: tensor(Float64Array.from(y), [1, y.length]),
});
const values = (vector: Positions) => ({ x: vector.x.numbers(), y: vector.y.numbers() });
const named = (name: string): LensCase => profiles.lens.find(({ profile }) => profile === name)!;

function expectClose(got: number[], want: number[], relative: number) {
  expect(got).toHaveLength(want.length);
  got.forEach((value, i) => {
    expect(Math.abs(value - want[i]!) / Math.abs(want[i]!), `value ${i}`).toBeLessThan(relative);
  });
}

test("the deflection of a singular isothermal ellipsoid is lenstronomy's", () => {
  const { parameters, x, y, alpha_x, alpha_y } = named("SIE");
  const alpha = tidy(() =>
    values(sieDeflection(at(x, y), [{ thetaE: parameters.theta_E, ...placeOf(parameters) }])),
  );
  expectClose(alpha.x, alpha_x, 1e-8);
  expectClose(alpha.y, alpha_y, 1e-8);
});

test("its convergence is lenstronomy's, as far as that one goes: it differentiates numerically, to 1e-5", () => {
  const { parameters, x, y, kappa } = named("SIE");
  const got = tidy(() =>
    sieConvergence(at(x, y), [{ thetaE: parameters.theta_E, ...placeOf(parameters) }]).numbers(),
  );
  expectClose(got, kappa, 2e-5);
  const error = got.map((value, i) => value / kappa[i]! - 1);
  expect(Math.min(...error)).toBeLessThan(0); // noise of either sign, not a difference of definition
  expect(Math.max(...error)).toBeGreaterThan(0);
});

test("a round one is the singular isothermal sphere", () => {
  const { parameters, x, y, alpha_x, alpha_y, kappa } = named("SIS");
  const sphere = [{ thetaE: parameters.theta_E, ...placeOf(parameters), angle: 0.7 }];
  expect(sphere[0]!.q).toBe(1);
  const alpha = tidy(() => values(sieDeflection(at(x, y), sphere)));
  expectClose(alpha.x, alpha_x, 1e-8);
  expectClose(alpha.y, alpha_y, 1e-8);
  expectClose(
    tidy(() => sieConvergence(at(x, y), sphere).numbers()),
    kappa,
    1e-8,
  );
});

test("a nearly round one deflects in float32 as in float64", () => {
  const { x, y } = named("SIE");
  for (const q of [1, 1 - 1e-7, 1 - 1e-4, 0.99, 0.3]) {
    const lens = [{ thetaE: 1.3, q, angle: 0.4, x: 0.1, y: -0.2 }];
    const { exact, single } = tidy(() => {
      const places = at(x, y);
      const rough = { x: places.x.to("float32"), y: places.y.to("float32") };
      return { exact: values(sieDeflection(places, lens)), single: values(sieDeflection(rough, lens)) };
    });
    for (const axis of ["x", "y"] as const)
      exact[axis].forEach((value, i) => {
        expect(Math.abs(single[axis][i]! - value), `q ${q}`).toBeLessThan(3e-6);
      });
  }
});

test("shear's deflection is lenstronomy's", () => {
  const { parameters, x, y, alpha_x, alpha_y } = named("SHEAR");
  const alpha = tidy(() => values(shearDeflection(at(x, y), [parameters])));
  expectClose(alpha.x, alpha_x, 1e-8);
  expectClose(alpha.y, alpha_y, 1e-8);
});

test("lenses are computed side by side as one by one", () => {
  const lenses = [
    { thetaE: 1.2, q: 0.7, angle: 0.3, x: 0, y: 0.1 },
    { thetaE: 2.4, q: 0.95, angle: 2, x: -0.2, y: 0 },
  ];
  const { x, y } = named("SIE");
  const { both, each } = tidy(() => ({
    both: sieDeflection(at(x, y), lenses).x.numbers(),
    each: lenses.flatMap((lens) => sieDeflection(at(x, y), [lens]).x.numbers()),
  }));
  expect(both).toEqual(each);
});

test("the deflection's line integral is the difference of lenstronomy's potentials", () => {
  for (const name of ["SIS", "SIE"]) {
    const { parameters, x, y, potential } = named(name);
    const lens = [{ thetaE: parameters.theta_E, ...placeOf(parameters) }];
    for (const [a, b] of [
      [0, 1],
      [2, 11],
      [5, 16],
    ] as const) {
      // Simpson's rule along the straight line from a to b
      const steps = 2000;
      const part = Array.from({ length: steps + 1 }, (_, i) => i / steps);
      const [dx, dy] = [x[b]! - x[a]!, y[b]! - y[a]!];
      const alpha = tidy(() =>
        values(
          sieDeflection(
            at(
              part.map((t) => x[a]! + t * dx),
              part.map((t) => y[a]! + t * dy),
            ),
            lens,
          ),
        ),
      );
      const integral = part.reduce((sum, _, i) => {
        const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
        return sum + (weight / steps / 3) * (alpha.x[i]! * dx + alpha.y[i]! * dy);
      }, 0);
      expect(integral).toBeCloseTo(potential[b]! - potential[a]!, 7);
    }
  }
});

test("half the deflection's divergence is the convergence, to 1e-8", () => {
  const { parameters, x, y } = named("SIE");
  const lens = [{ thetaE: parameters.theta_E, ...placeOf(parameters) }];
  const h = 2e-3;
  const shifted = (dx: number, dy: number) =>
    tidy(() => {
      const places = at(
        x.map((v) => v + dx),
        y.map((v) => v + dy),
      );
      return values(sieDeflection(places, lens));
    });
  // The central difference of fourth order: (8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12 h
  const slope = (axis: "x" | "y") => {
    const f = (k: number) => (axis === "x" ? shifted(k * h, 0) : shifted(0, k * h))[axis];
    const [near, back, far, behind] = [f(1), f(-1), f(2), f(-2)];
    return near.map((v, i) => (8 * (v - back[i]!) - (far[i]! - behind[i]!)) / (12 * h));
  };
  const [xx, yy] = [slope("x"), slope("y")];
  const kappa = tidy(() => sieConvergence(at(x, y), lens).numbers());
  expectClose(
    kappa,
    xx.map((v, i) => (v + yy[i]!) / 2),
    1e-8,
  );
});

test("at the very centre the deflection is finite", () => {
  const alpha = tidy(() =>
    values(sieDeflection(at([0.1], [0.2]), [{ thetaE: 1, q: 0.8, angle: 1, x: 0.1, y: 0.2 }])),
  );
  expect(Number.isFinite(alpha.x[0]) && Number.isFinite(alpha.y[0])).toBe(true);
});

test("eccentricity components give axis ratio and angle", () => {
  expect(axisRatioOf(0, 0).q).toBe(1);
  // |e| = 0.5: q = 0.5 / 1.5
  expect(axisRatioOf(0.3, 0.4).q).toBeCloseTo(1 / 3, 14);
  expect(axisRatioOf(0.2, 0).angle).toBe(0);
  expect(axisRatioOf(0, 0.2).angle).toBeCloseTo(Math.PI / 4, 14);
  expect(axisRatioOf(-0.2, 0).angle).toBeCloseTo(Math.PI / 2, 14);
});
