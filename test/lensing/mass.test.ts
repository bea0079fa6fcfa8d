import { expect, test } from "vitest";
import { axisRatioOf, type Positions } from "../../src/lensing/profiles/frame.ts";
import {
  convergenceOf,
  deflection,
  hessian,
  type MassModel,
  magnificationOf,
  potential,
} from "../../src/lensing/profiles/mass/model.ts";
import {
  type Epl,
  epl,
  type MassComponent,
  massModels,
  sie,
  truncatedSis,
  vortex,
} from "../../src/lensing/profiles/mass/registry.ts";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";
import { type LensCase, placementOf, profiles } from "./oracle.ts";

noTensorIsLeft();

const at = (x: number[], y: number[]): Positions => ({
  x: tensor(Float64Array.from(x), [1, x.length]),
  y: tensor(Float64Array.from(y), [1, y.length]),
});
const values = (vector: Positions) => ({ x: vector.x.numbers(), y: vector.y.numbers() });

function expectClose(got: number[], want: number[], relative: number, what = "") {
  expect(got).toHaveLength(want.length);
  got.forEach((value, i) => {
    const scale = Math.max(Math.abs(want[i]!), 1e-6);
    expect(Math.abs(value - want[i]!) / scale, `${what} ${i}: ${value}, ${want[i]}`).toBeLessThan(relative);
  });
}

/** Our components from lenstronomy's parameters. */
const components: Record<string, (parameters: LensCase["parameters"]) => MassComponent> = {
  SIS: (p) => ({ profile: "sis", thetaE: p.theta_E, ...placementOf(p) }),
  SIE: (p) => ({ profile: "sie", thetaE: p.theta_E, ...placementOf(p) }),
  EPL: (p) => ({ profile: "epl", thetaE: p.theta_E, slope: p.gamma, ...placementOf(p) }),
  SHEAR: (p) => ({ profile: "shear", gamma1: p.gamma1, gamma2: p.gamma2 }),
  NFW: (p) => ({ profile: "nfw", Rs: p.Rs, alphaRs: p.alpha_Rs, ...placementOf(p) }),
  NFW_ELLIPSE_CSE: (p) => ({ profile: "nfwEllipse", Rs: p.Rs, alphaRs: p.alpha_Rs, ...placementOf(p) }),
  CONVERGENCE: (p) => ({ profile: "sheet", kappa: p.kappa }),
};
const modelOf = (component: MassComponent) =>
  massModels[component.profile] as unknown as MassModel<MassComponent>;

function everything(component: MassComponent, x: number[], y: number[]) {
  const model = modelOf(component);
  return tidy(() => {
    const positions = at(x, y);
    const h = hessian(model, positions, [component]);
    return {
      alpha: values(deflection(model, positions, [component])),
      potential: potential(model, positions, [component]).numbers(),
      kappa: convergenceOf(h).numbers(),
      magnification: magnificationOf(h).numbers(),
      h: { xx: h.xx.numbers(), xy: h.xy.numbers(), yy: h.yy.numbers() },
    };
  });
}

test("each of the oracle's seven profiles has its counterpart here", () => {
  expect(profiles.lens.map(({ profile }) => profile)).toEqual(
    expect.arrayContaining(Object.keys(components)),
  );
  expect(profiles.lens).toHaveLength(Object.keys(components).length);
});

for (const oracle of profiles.lens) {
  test(`${oracle.profile}: deflection, potential, convergence and magnification agree with lenstronomy`, () => {
    const got = everything(components[oracle.profile]!(oracle.parameters), oracle.x, oracle.y);
    expectClose(got.alpha.x, oracle.alpha_x, 1e-8, "α_x");
    expectClose(got.alpha.y, oracle.alpha_y, 1e-8, "α_y");
    expectClose(got.potential, oracle.potential, 1e-8, "ψ");
    // Its SIE, a softened one, is differentiated numerically: its κ and μ are accurate only to 1e-5.
    const loose = oracle.profile === "SIE" ? 2e-5 : 1e-8;
    expectClose(got.kappa, oracle.kappa, loose, "κ");
    expectClose(got.magnification, oracle.magnification, loose === 1e-8 ? 2e-8 : 2e-3, "μ");
  });
}

/** Every profile, off-centre and rotated. */
const samples: MassComponent[] = [
  { profile: "sis", thetaE: 1.2, x: 0.1, y: -0.2 },
  { profile: "sie", thetaE: 1.2, q: 0.6, angle: 0.7, x: 0.1, y: -0.2 },
  { profile: "epl", thetaE: 1.4, q: 0.55, angle: 2.1, slope: 1.8, x: 0.1, y: -0.2 },
  { profile: "epl", thetaE: 1.4, q: 0.9, angle: -0.4, slope: 2.3, x: 0, y: 0.1 },
  { profile: "nfw", Rs: 2.2, alphaRs: 0.9, x: 0.1, y: -0.2 },
  { profile: "nfwEllipse", Rs: 2.2, alphaRs: 0.9, q: 0.7, angle: 0.5, x: 0.1, y: -0.2 },
  { profile: "truncatedSis", a: 0.8, b: 0.3, x: 0.1, y: -0.2 },
  { profile: "point", thetaE: 0.7, x: 0.1, y: -0.2 },
  { profile: "vortex", thetaE: 0.4, length: 1.3, angle: 0.9, x: 0.1, y: -0.2 },
  { profile: "shear", gamma1: 0.05, gamma2: -0.03 },
  { profile: "sheet", kappa: -0.04 },
];

test("every profile is among the samples", () => {
  expect(new Set(samples.map(({ profile }) => profile))).toEqual(new Set(Object.keys(massModels)));
});

const { x: X, y: Y } = profiles.lens[0]!;
/** The fourth-order central difference, along one axis, of a function of the shift. */
function slope(f: (dx: number, dy: number) => number[], axis: "x" | "y", h = 2e-3): number[] {
  const value = (k: number) => (axis === "x" ? f(k * h, 0) : f(0, k * h));
  const [near, back, far, behind] = [value(1), value(-1), value(2), value(-2)];
  return near.map((v, i) => (8 * (v - back[i]!) - (far[i]! - behind[i]!)) / (12 * h));
}

for (const sample of samples) {
  const name = `${sample.profile}${sample.profile === "epl" ? ` of slope ${sample.slope}` : ""}`;
  const moved = (dx: number, dy: number) =>
    everything(
      sample,
      X.map((v) => v + dx),
      Y.map((v) => v + dy),
    );
  test(`${name}: the potential's gradient is the deflection`, () => {
    const { alpha } = everything(sample, X, Y);
    const psi = (dx: number, dy: number) => moved(dx, dy).potential;
    for (const axis of ["x", "y"] as const)
      slope(psi, axis).forEach((value, i) => {
        expect(Math.abs(value - alpha[axis][i]!)).toBeLessThan(2e-9);
      });
  });
  test(`${name}: the deflection's slopes are the Hessian: no curl, divergence twice the convergence`, () => {
    const { h, kappa } = everything(sample, X, Y);
    const along = (axis: "x" | "y") => (dx: number, dy: number) => moved(dx, dy).alpha[axis];
    const near = (got: number[], want: number[]) =>
      got.forEach((value, i) => {
        expect(Math.abs(value - want[i]!)).toBeLessThan(2e-8);
      });
    near(slope(along("x"), "x"), h.xx);
    near(slope(along("x"), "y"), h.xy);
    near(slope(along("y"), "x"), h.xy);
    near(slope(along("y"), "y"), h.yy);
    near(
      kappa.map((value) => 2 * value),
      h.xx.map((value, i) => value + h.yy[i]!),
    );
  });
}

test("an ellipsoid of axis ratio 1 is the sphere", () => {
  const centre = { x: 0.1, y: -0.2 };
  const pairs: [MassComponent, MassComponent, number][] = [
    [
      { profile: "sie", thetaE: 1.3, q: 1, angle: 0.7, ...centre },
      { profile: "sis", thetaE: 1.3, ...centre },
      1e-8,
    ],
    [
      { profile: "epl", thetaE: 1.3, q: 1, slope: 2, angle: 0.7, ...centre },
      { profile: "sis", thetaE: 1.3, ...centre },
      1e-12,
    ],
    // Oguri's ellipsoids approximate the sphere to 1e-4
    [
      { profile: "nfwEllipse", Rs: 3, alphaRs: 1, q: 1, angle: 0.7, ...centre },
      { profile: "nfw", Rs: 3, alphaRs: 1, ...centre },
      1.5e-4,
    ],
  ];
  for (const [flat, round, tolerance] of pairs) {
    const [a, b] = [everything(flat, X, Y), everything(round, X, Y)];
    expectClose(a.alpha.x, b.alpha.x, tolerance, flat.profile);
    expectClose(a.alpha.y, b.alpha.y, tolerance, flat.profile);
    expectClose(a.kappa, b.kappa, tolerance, flat.profile);
  }
});

test("a power law of slope 2 is the isothermal ellipsoid, even a flat one", () => {
  for (const q of [0.95, 0.6, 0.25]) {
    const shape = { thetaE: 1.1, q, angle: 0.4, x: 0.1, y: 0 };
    const [a, b] = [
      everything({ profile: "epl", slope: 2, ...shape }, X, Y),
      everything({ profile: "sie", ...shape }, X, Y),
    ];
    expectClose(a.alpha.x, b.alpha.x, 1e-10, `q ${q}`);
    expectClose(a.alpha.y, b.alpha.y, 1e-10, `q ${q}`);
    expectClose(a.h.xy, b.h.xy, 1e-9, `q ${q}`);
  }
});

test("NFW is accurate at the scale radius, close to it, and near the centre", () => {
  const halo = { Rs: 1, alphaRs: 1, x: 0, y: 0 };
  const radii = [1e-3, 0.05, 0.97, 0.98001, 0.97999, 1 - 1e-9, 1, 1 + 1e-9, 1.0199, 1.0201, 30];
  const { alpha, kappa } = everything(
    { profile: "nfw", ...halo },
    radii,
    radii.map(() => 0),
  );
  const norm = 1 / (1 - Math.LN2);
  // By quadrature of κ = ½ norm (1 − F) / (X² − 1), where it is smooth: α X = 2 ∫ κ x dx
  const kappaOf = (X: number) => {
    const u = 1 - X * X;
    if (Math.abs(u) < 1e-3) return (norm / 2) * (1 / 3 + u / 5 + (u * u) / 7 + u ** 3 / 9 + u ** 4 / 11);
    const root = Math.sqrt(Math.abs(u));
    const F = u > 0 ? Math.log((1 + root) / X) / root : Math.atan(root) / root;
    return ((norm / 2) * (1 - F)) / -u;
  };
  radii.forEach((X, i) => {
    expect(Math.abs(kappa[i]! / kappaOf(X) - 1), `κ at ${X}`).toBeLessThan(1e-11);
    // Simpson's rule in t, x = X t³, where the integrand is smooth at the centre
    const steps = 4000;
    let sum = 0;
    for (let k = 1; k <= steps; k++) {
      const t = k / steps;
      const x = X * t ** 3;
      sum += 2 * kappaOf(x) * x * 3 * X * t * t * (k === steps ? 1 : k % 2 === 1 ? 4 : 2);
    }
    expect(Math.abs((alpha.x[i]! * X) / (sum / steps / 3) - 1), `α at ${X}`).toBeLessThan(1e-9);
  });
  expect(alpha.x[6]).toBeCloseTo(1, 14); // α(R_s) is the parameter
});

test("a truncated clump has the mass π a b: far away it deflects like a point, near the centre like a sphere", () => {
  const clump = [{ a: 0.5, b: 0.2, x: 0, y: 0 }];
  const got = tidy(() => deflection(truncatedSis, at([1e-6, 5000], [0, 0]), clump).x.numbers());
  expect(got[0]! / 0.2).toBeCloseTo(1, 5);
  expect((got[1]! * 5000) / (0.5 * 0.2)).toBeCloseTo(1, 3); // α r = mass / π
});

test("a vortex deflects like a point of its mass far away, and like many points on a string nearby", () => {
  const string = { length: 1.4, thetaE: 0.5, angle: 0.6, x: 0.2, y: 0.1 };
  const far = tidy(() => deflection(vortex, at([1000.2], [0.1]), [string]).x.item());
  expect((far * 1000) / 0.25).toBeCloseTo(1, 5);
  const [px, py] = [0.5, -0.3];
  const points = 20_000;
  let [ax, ay] = [0, 0];
  for (let k = 0; k < points; k++) {
    const s = ((k + 0.5) / points - 0.5) * 1.4;
    const [dx, dy] = [px - 0.2 - s * Math.cos(0.6), py - 0.1 - s * Math.sin(0.6)];
    ax += (0.25 / points) * (dx / (dx * dx + dy * dy));
    ay += (0.25 / points) * (dy / (dx * dx + dy * dy));
  }
  const got = tidy(() => values(deflection(vortex, at([px], [py]), [string])));
  expect(got.x[0]).toBeCloseTo(ax, 7);
  expect(got.y[0]).toBeCloseTo(ay, 7);
});

test("a nearly round ellipsoid deflects the same in float32 as in float64, and so do all profiles", () => {
  const rounds = [1, 1 - 1e-7, 1 - 1e-4, 0.99, 0.3].map(
    (q): MassComponent => ({ profile: "sie", thetaE: 1.3, q, angle: 0.4, x: 0.1, y: -0.2 }),
  );
  for (const lens of [...rounds, ...samples]) {
    const model = modelOf(lens);
    const { exact, single } = tidy(() => {
      const positions = at(X, Y);
      const rough = { x: positions.x.to("float32"), y: positions.y.to("float32") };
      return {
        exact: values(deflection(model, positions, [lens])),
        single: values(deflection(model, rough, [lens])),
      };
    });
    for (const axis of ["x", "y"] as const)
      exact[axis].forEach((value, i) => {
        expect(Math.abs(single[axis][i]! - value), JSON.stringify(lens)).toBeLessThan(4e-6);
      });
  }
});

test("lenses give the same results together as one by one, even of different flatness", () => {
  const lenses = [
    { thetaE: 1.2, q: 0.7, angle: 0.3, slope: 1.9, x: 0, y: 0.1 },
    { thetaE: 2.4, q: 0.95, angle: 2, slope: 2.2, x: -0.2, y: 0 },
  ];
  const expectSame = (model: MassModel<Epl>) => {
    const { both, each } = tidy(() => ({
      both: deflection(model, at(X, Y), lenses).x.numbers(),
      each: lenses.flatMap((lens) => deflection(model, at(X, Y), [lens]).x.numbers()),
    }));
    expect(both).toEqual(each);
  };
  expectSame(epl);
  expectSame(sie as unknown as MassModel<Epl>);
});

test("at the very centre every deflection is finite", () => {
  for (const sample of samples) {
    const { x = 0, y = 0 } = sample as { x?: number; y?: number };
    const model = modelOf(sample);
    for (const dtype of ["float32", "float64"] as const) {
      const alpha = tidy(() => {
        const centre = { x: tensor([x], [1, 1], { dtype }), y: tensor([y], [1, 1], { dtype }) };
        return values(deflection(model, centre, [sample]));
      });
      expect(Number.isFinite(alpha.x[0]) && Number.isFinite(alpha.y[0]), `${sample.profile} ${dtype}`).toBe(
        true,
      );
    }
  }
});

test("components for `nothing` deflect by exactly 0", () => {
  for (const [name, model] of Object.entries(massModels)) {
    const any = model as unknown as MassModel<unknown>;
    const alpha = tidy(() => values(deflection(any, at([0, ...X], [0, ...Y]), [any.nothing])));
    for (const value of [...alpha.x, ...alpha.y]) expect(Math.abs(value), name).toBe(0);
  }
});

test("eccentricity components give axis ratio and angle", () => {
  expect(axisRatioOf(0, 0).q).toBe(1);
  // |e| = 0.5: q = 0.5 / 1.5
  expect(axisRatioOf(0.3, 0.4).q).toBeCloseTo(1 / 3, 14);
  expect(axisRatioOf(0.2, 0).angle).toBe(0);
  expect(axisRatioOf(0, 0.2).angle).toBeCloseTo(Math.PI / 4, 14);
  expect(axisRatioOf(-0.2, 0).angle).toBeCloseTo(Math.PI / 2, 14);
});
