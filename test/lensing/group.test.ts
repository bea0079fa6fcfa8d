import { describe, expect, test } from "vitest";
import { einsteinRadius } from "../../src/lensing/cosmology.ts";
import { circularPart, contribution, deflectionOverRadius } from "../../src/lensing/populations/group.ts";
import { arcEstimate } from "../../src/lensing/populations/imaged.ts";
import { sceneOf } from "../../src/lensing/populations/population.ts";
import type { TruncatedSis } from "../../src/lensing/profiles/mass/registry.ts";
import type { Recipe } from "../../src/lensing/recipes/recipe.ts";
import { recipeNamed } from "../../src/lensing/recipes/recipe-file.ts";
import { render } from "../../src/lensing/render.ts";
import { slotsOf, traced } from "../../src/lensing/rendering/deflect.ts";
import { extentOf } from "../../src/lensing/rendering/points.ts";
import { imagesOfPoint } from "../../src/lensing/rendering/solve.ts";
import { componentsOf, type Light, type Mass, type Scene } from "../../src/lensing/scene.ts";
import { fluxOf } from "../../src/sky/survey.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";

const survey = surveyNamed("cfhtls");
const recipe = recipeNamed("default");
const only = (kind: string, changes: Partial<Recipe> = {}): Recipe => ({
  ...recipe,
  classes: { "not-lens": { star: 1 }, lens: { [kind]: 1 } },
  ...changes,
});
const drawn = (of: Recipe, count: number): Scene[] =>
  Array.from({ length: count }, (_, i) =>
    sceneOf({ survey, size: 96, prevalence: 1, seed: 11, recipe: of }, i),
  );
const groups = drawn(only("group lens"), 40);
const quasars = drawn(only("lensed quasar"), 12);

/** A round lens at the origin, without shear. */
const round = (thetaE: number, also: Mass["also"] = []): Mass => ({
  thetaE,
  q: 1,
  angle: 0,
  x: 0,
  y: 0,
  gamma1: 0,
  gamma2: 0,
  also,
});

describe("deflections of several masses", () => {
  // By hand. At (0, 4) a sphere of 2" at the origin deflects by (0, 2), one of 1" at (3, 0), 5" away, by (−0.6, 0.8); a
  // truncated one of b = 1.5, a = 4 that is 3" away by 1.5 (3 + 4 − 5) / 3 = 1.
  const masses = [
    round(2),
    round(2, [{ profile: "sis", thetaE: 1, x: 3, y: 0 }]),
    round(2, [{ profile: "truncatedSis", a: 4, b: 1.5, x: 3, y: 4 }]),
    round(2),
    round(2, [{ profile: "truncatedSis", a: 4, b: 1.5, x: 0, y: 1 }]),
  ];
  const source = [
    [0, 2],
    [0.6, 1.2],
    [1, 2],
    [0, 2],
    [0, 1],
  ];

  test("they add up, in every lens's row", () => {
    tidy(() => {
      const rays = { x: tensor([0, 1], [1, 1, 2]), y: tensor([4, 3, 2], [1, 3, 1]) };
      const beta = traced(slotsOf(masses, "float64"), rays);
      expect(beta.x.shape).toEqual([5, 3, 2]);
      source.forEach(([x, y], k) => {
        expect(beta.x.select(0, k).select(0, 0).select(0, 0).item()).toBeCloseTo(x!, 7);
        expect(beta.y.select(0, k).select(0, 0).select(0, 0).item()).toBeCloseTo(y!, 7);
      });
    });
  });

  test("and on rays of different lenses", () => {
    tidy(() => {
      const order = [4, 1, 1, 0, 2, 3];
      const rays = {
        x: tensor(
          order.map(() => 0),
          [1, 6],
        ),
        y: tensor(
          order.map(() => 4),
          [1, 6],
        ),
      };
      const beta = traced(slotsOf(masses, "float64"), rays, tensor(Int32Array.from(order)));
      order.forEach((lens, m) => {
        expect(beta.x.numbers()[m]).toBeCloseTo(source[lens]![0]!, 7);
        expect(beta.y.numbers()[m]).toBeCloseTo(source[lens]![1]!, 7);
      });
    });
  });

  test("a group's pixels don't depend on the others of its batch", () => {
    const [lens] = drawn(only("lens"), 1) as [Scene];
    const batch = [lens, groups[0]!, quasars[0]!, groups[1]!, lens, lens];
    const together = render(batch, survey, 48).images;
    batch.forEach((scene, k) => {
      const alone = render([scene], survey, 48).images;
      expect(Buffer.compare(bytes(together.select(0, k)), bytes(alone.select(0, 0)))).toBe(0);
      alone.dispose();
    });
    together.dispose();
  });
});

const bytes = (image: { contiguous(): { data(): ArrayBufferView } }) => {
  const data = image.contiguous().data();
  return Buffer.from(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
};

describe("the Einstein radius of a whole", () => {
  test("an ellipsoid's circle is smaller than θ_E by the mean of its convergence", () => {
    // Within a circle of radius R the mean convergence is θ_E / R times ∮ dφ / √(q cos² φ + sin² φ / q) / 2π
    for (const q of [0.3, 0.7, 1]) {
      let sum = 0;
      for (let k = 0; k < 4096; k++) {
        const phi = (2 * Math.PI * (k + 0.5)) / 4096;
        sum += 1 / Math.sqrt(q * Math.cos(phi) ** 2 + Math.sin(phi) ** 2 / q) / 4096;
      }
      expect(circularPart(q)).toBeCloseTo(sum, 10);
    }
    expect(circularPart(1)).toBe(1);
    expect(circularPart(0.7)).toBeCloseTo(0.99209, 4); // (2 √0.7 / π) K(0.51), K = 1.8626 by tables
  });

  test("an SIE and a concentric sphere add their radii", () => {
    const sphere: TruncatedSis = { a: 1e9, b: 0.8, x: 1, y: 2 };
    expect(contribution(sphere, { x: 1, y: 2 }, 3)).toBeCloseTo(0.8, 6);
    expect(deflectionOverRadius({ a: 4, b: 1.5 }, 3) * 3).toBeCloseTo(1, 9);
  });

  /** Mean convergence times R² of a truncated sphere: ∫ κ dA / π over the circle, in polar coordinates about the sphere. */
  function within({ a, b, x, y }: TruncatedSis, R: number): number {
    const [distance, rays] = [Math.hypot(x, y), 20_000];
    const mass = (rho: number) => (b / 2) * (rho - Math.hypot(rho, a) + a); // ∫ κ r dr from 0 to ρ
    let sum = 0;
    for (let k = 0; k < rays; k++) {
      const phi = (2 * Math.PI * (k + 0.5)) / rays;
      const along = distance * Math.cos(phi); // the circle's edge is at −along ± √(R² − d² + along²)
      const inner = R * R - distance ** 2 + along ** 2;
      if (inner <= 0) continue;
      const [near, far] = [-along - Math.sqrt(inner), -along + Math.sqrt(inner)];
      if (far > 0) sum += mass(far) - mass(Math.max(near, 0));
    }
    return (2 * sum) / rays;
  }

  test("every group's mean convergence is 1 within a circle of its theta_e", () => {
    for (const { mass, truth } of groups) {
      const R = truth!.thetaE;
      const halo = mass!.thetaE * circularPart(mass!.q) * R;
      const galaxies = mass!.also!.map((component) => {
        const sphere = component as TruncatedSis;
        return within({ ...sphere, x: sphere.x - mass!.x, y: sphere.y - mass!.y }, R);
      });
      const total = galaxies.reduce((sum, value) => sum + value, halo);
      expect(Math.abs(total / R ** 2 - 1)).toBeLessThan(0.01); // a galaxy on the circle itself is averaged coarsely
    }
  });
});

describe("group lenses of the default recipe", () => {
  test("the central galaxy's mass follows from its dispersion, the members' from their light", () => {
    const i = survey.bands.findIndex((band) => band.name === "i");
    for (const { mass, truth, lights } of groups) {
      const [central, ...members] = mass!.also as unknown as TruncatedSis[];
      const { sigmaV, lensRedshift, sourceRedshift } = truth!;
      expect(central!.b).toBeCloseTo(
        einsteinRadius(recipe.cosmology, sigmaV!, lensRedshift!, sourceRedshift!),
        9,
      );
      members.forEach((member, k) => {
        // L ∝ σ⁴ and b ∝ σ²: a magnitude of 2.5 is a factor √10 in b, and in a
        const fainter = lights[k + 1]!.magnitudes[i]! - lights[0]!.magnitudes[i]!;
        expect(member.b / central!.b).toBeCloseTo(10 ** (-fainter / 5), 9);
        expect(member.a / central!.a).toBeCloseTo(10 ** (-fainter / 5), 9);
        expect([member.x, member.y]).toEqual([lights[k + 1]!.x, lights[k + 1]!.y]);
      });
    }
  });

  test("magnification and signal-to-noise without rendering agree with the rendered image", () => {
    const wide = { ...survey, pixelScale: 0.1, moffatBeta: null };
    const mass: Mass = {
      ...round(2, [
        { profile: "truncatedSis", a: 6, b: 1.2, x: 0.1, y: 0 },
        { profile: "truncatedSis", a: 3, b: 0.5, x: 2, y: 1.5 },
      ]),
      q: 0.75,
      angle: 0.5,
      gamma1: 0.04,
      gamma2: -0.02,
    };
    const light: Light = {
      part: "source",
      lensed: true,
      magnitudes: [22, 22, 22],
      R: 0.3,
      n: 0.5,
      q: 0.6,
      angle: 1,
      x: 0.5,
      y: -0.4,
    };
    const conditions = { seeing: [0.7, 0.7, 0.7], skySigma: [1, 1, 1], pedestal: [0, 0, 0], arcSnr: null };
    const scene: Scene = { kind: "group lens", mass, lights: [light], ...conditions };
    const { images } = render([scene], wide, 200, { supersampling: 3, dtype: "float64" });
    const pixels = images.select(1, 0).contiguous().data() as Float64Array;
    images.dispose();
    const flux = fluxOf(22, wide.zeroPoint);
    const total = pixels.reduce((sum, value) => sum + value, 0);
    const snr = Math.sqrt(pixels.reduce((sum, value) => sum + value * value, 0));
    const { magnification, sharpness } = arcEstimate(mass, light);
    expect(Math.abs(total / flux / magnification - 1)).toBeLessThan(0.03);
    expect(Math.abs((flux * sharpness(0.7 / 2.3548) * wide.pixelScale) / snr - 1)).toBeLessThan(0.15);
  });

  test("galaxies without mass beside a lens change nothing in the estimate", () => {
    const [{ lights, mass }] = drawn(only("lens"), 1) as [Scene];
    const source = lights.find(({ lensed }) => lensed)!;
    const nothing: Mass = { ...mass!, also: [{ profile: "truncatedSis", a: 1, b: 0, x: 9, y: 9 }] };
    const [with_, without] = [arcEstimate(nothing, source), arcEstimate(mass!, source)];
    expect(with_.magnification / without.magnification).toBeCloseTo(1, 3);
  });

  test("are left out of cutouts that no group fits into, and refused if they are all there is", () => {
    const kinds = (size: number, of: Recipe) =>
      new Set(
        Array.from(
          { length: 60 },
          (_, i) => sceneOf({ survey, size, prevalence: 1, seed: 4, recipe: of }, i).kind,
        ),
      );
    expect(kinds(24, recipe)).toEqual(new Set(["lens", "lensed quasar"])); // 0.75 × 2.25" is below 1.8"
    expect(kinds(96, recipe)).toContain("group lens");
    expect(() => kinds(24, only("group lens"))).toThrow(
      /lens\.mostOfCutout must be a value that its lenses can meet/,
    );
  });
});

test("quasars have two images or more, within the field that is searched for them", () => {
  for (const { mass, lights } of quasars) {
    const quasar = lights.find(({ point, lensed }) => point && lensed)!;
    expect(quasar.part).toBe("quasar");
    const host = lights.find(({ part }) => part === "source")!;
    expect([quasar.x, quasar.y]).toEqual([host.x, host.y]);
    const extent = extentOf(mass!, quasar);
    const everywhere = imagesOfPoint(mass!, quasar, 9);
    expect(everywhere.length).toBeGreaterThanOrEqual(2);
    expect(imagesOfPoint(mass!, quasar, extent)).toHaveLength(everywhere.length);
  }
});

test("a lens off the centre has the same images beside it", () => {
  const at = drawn(only("lens"), 12);
  drawn(only("lens", { offCentre: 1.5 }), 12).forEach((scene, k) => {
    const [mass, before] = [scene.mass!, at[k]!.mass!];
    expect(Math.hypot(mass.x - before.x, mass.y - before.y)).toBeCloseTo(1.5, 9);
    const source = (lights: Light[]) => lights.find(({ lensed }) => lensed)!;
    const images = (of: Mass, light: Light) =>
      imagesOfPoint(of, light, 9)
        .map(({ x, y }) => [x - of.x, y - of.y] as const)
        .sort((a, b) => a[0] - b[0]);
    const [here, there] = [images(mass, source(scene.lights)), images(before, source(at[k]!.lights))];
    expect(here).toHaveLength(there.length);
    here.forEach(([x, y], image) => {
      expect(x).toBeCloseTo(there[image]![0], 6);
      expect(y).toBeCloseTo(there[image]![1], 6);
    });
    expect(scene.lights[0]!.x - mass.x).toBeCloseTo(at[k]!.lights[0]!.x - before.x, 9);
    expect(componentsOf(mass)).toHaveLength(componentsOf(before).length);
  });
});
