import { expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { neighbours } from "../../src/lensing/populations/field.ts";
import { DEFAULT } from "../../src/lensing/recipes/default.ts";

const setting = (field: object) => ({
  bands: ["g", "r", "i"],
  halfWidth: 60,
  seeing: 0.7,
  recipe: { ...DEFAULT, field: { ...DEFAULT.field, brightShare: 0, clearance: 0, density: 100, ...field } },
});

test.each([
  [20, 0.8],
  [21, 0.6],
  [23, 0.2],
  [25, 0.05],
])("the share of red galaxies follows the magnitude: at %s it is %s", (magnitude, share) => {
  const redShare = {
    relation: "linear" as const,
    on: "magnitude",
    at: 21,
    value: 0.6,
    slope: -0.2,
    within: [0.05, 1] as const,
  };
  const lights = [1, 2, 3].flatMap((seed) => neighbours(new Draws(seed), setting({ magnitude, redShare })));
  // 100 an arcmin² in (2 × 1.15 × 60")², three times: 1587 ± 40
  expect(Math.abs(lights.length - 1587)).toBeLessThan(160);
  const red = lights.filter(({ part }) => part === "elliptical").length / lights.length;
  // four standard errors
  expect(Math.abs(red - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / lights.length));
});
