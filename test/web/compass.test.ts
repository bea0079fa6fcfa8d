/** North and east on the screen, by hand. */
import { expect, test } from "vitest";
import { compassOf } from "../../web/src/draw/compass.ts";
import { turnedOver } from "../../web/src/draw/levels.ts";

/** Right and down. */
const arrows = (angle: number, mirrored: boolean, bottomFirst = true) => {
  const { N, E } = compassOf({ angle, mirrored }, bottomFirst);
  return [N.x, N.y, E.x, E.y].map((value) => Math.round(value * 1000) / 1000 + 0);
};

test("north up has east to the left; mirrored, to the right", () => {
  expect(arrows(0, false)).toEqual([0, -1, -1, 0]);
  expect(arrows(0, true)).toEqual([0, -1, 1, 0]);
});

test("a y axis that runs east has north to the right, as east is to the left of north", () => {
  expect(arrows(90, false)).toEqual([1, 0, 0, -1]);
  expect(arrows(90, true)).toEqual([-1, 0, 0, -1]);
  expect(arrows(180, false)).toEqual([0, 1, 1, 0]);
  // 30°: north is to the right of up by 30°
  expect(arrows(30, false)).toEqual([0.5, -0.866, -0.866, -0.5]);
});

test("where row 0 is shown at the top as it is, y runs down", () => {
  expect(arrows(0, false, false)).toEqual([0, 1, -1, 0]);
});

test("images whose row 0 is the bottom are turned over, plane by plane", () => {
  // Two planes of 3 × 2
  const data = Float32Array.of(1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60);
  expect([...turnedOver(data, 2, 3)]).toEqual([5, 6, 3, 4, 1, 2, 50, 60, 30, 40, 10, 20]);
});
