import { expect, test } from "vitest";
import { lupton } from "../../src/sky/lupton.ts";
import { eightBit } from "../../src/sky/stretch.ts";
import { stack, tensor } from "../../src/torch/create.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { image, made } from "../fixtures/views/images.ts";

test.each(made.lupton)(
  "composites are astropy's: minimum $minimum, stretch $stretch, Q $Q",
  ({ rgb, ...how }) => {
    const before = liveTensors();
    const got = tidy(() => {
      const bands = [
        [11, 0],
        [12, 4000],
        [13, 900],
      ].map(([seed, bright]) => tensor(image(seed!, 8, 7, bright!), [8, 7]));
      return eightBit(lupton(stack(bands).unsqueeze(0), how)).numbers();
    });
    // Both round down, so a value near a whole number may fall to either side of it.
    for (const [i, value] of got.entries()) expect(Math.abs(value - rgb[i]!)).toBeLessThanOrEqual(1);
    expect(got.filter((value, i) => value !== rgb[i]).length).toBeLessThan(got.length / 4);
    expect(liveTensors()).toBe(before);
  },
);

test("a pixel by hand: its gain, too bright, dark", () => {
  const shown = (r: number, g: number, b: number) =>
    tidy(() => lupton(tensor([[[[r]], [[g]], [[b]]]]), { minimum: 1, stretch: 4, Q: 2 }).numbers());
  // less the minimum 1, 2, 3: intensity 2; asinh(2 · 2 / 4) · 0.1 / asinh(0.2) / 2 is the gain
  const gain = (Math.asinh(1) * 0.1) / Math.asinh(0.2) / 2;
  expect(shown(2, 3, 4)).toEqual([1, 2, 3].map((x) => expect.closeTo(x * gain, 6)));
  expect(shown(1e6 + 1, 5e5 + 1, 1)).toEqual([1, expect.closeTo(0.5, 6), 0]); // dimmed as a whole
  expect(shown(1, 1, 1)).toEqual([0, 0, 0]);
  expect(shown(-5, 1, 2).map(Math.abs)).toEqual([0, 0, 0]);
});
