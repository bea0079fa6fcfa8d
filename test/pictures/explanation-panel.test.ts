import { expect, test } from "vitest";
import { heatColour } from "../../src/pictures/colour-map.ts";
import { panel, panelMosaic } from "../../src/pictures/explanation-panel.ts";

/** Lightness L* of a colour (CIE 1976), from sRGB. */
function lightness(colour: ArrayLike<number>): number {
  const linear = Array.from(colour, (c) =>
    c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  );
  const Y = 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
  return Y > 0.008856 ? 116 * Math.cbrt(Y) - 16 : 903.3 * Y;
}

test("the heat's colours grow lighter in even steps, from black", () => {
  const steps = Array.from({ length: 11 }, (_, k) => lightness(heatColour(k / 10)));
  expect(steps[0]).toBeLessThan(2);
  expect(steps[10]).toBeGreaterThan(95);
  for (let k = 1; k <= 10; k++) expect(steps[k]! - steps[k - 1]!).toBeGreaterThan(5);
  expect([...heatColour(-3)]).toEqual([...heatColour(0)]);
  expect([...heatColour(9)]).toEqual([...heatColour(1)]);
});

const picture = { width: 4, height: 4, data: new Uint8Array(48).fill(77) };
const FACTOR = 48; // 192 / 4

test("tiles are side by side: the image, and of each method the heat and the image with its line", () => {
  const values = new Float32Array(16);
  values[5] = 2;
  const drawn = panel({
    picture,
    heats: [{ name: "gradcam", values }],
    title: ["one", "two"],
    pixelScale: 0.5,
  });
  expect(drawn.width).toBe(2 * 6 + 3 * 4 * FACTOR + 2 * 4);
  const top = 6 + 2 * (14 + 4) + 14 + 8;
  const at = (tile: number, x: number, y: number) => {
    const from = 3 * ((top + y) * drawn.width + 6 + tile * (4 * FACTOR + 4) + x);
    return [...drawn.data.subarray(from, from + 3)];
  };
  const middle = 1.5 * FACTOR;
  expect(at(0, middle, middle)).toEqual([77, 77, 77]);
  expect(at(1, middle, middle)[0]).toBeGreaterThan(240); // the hottest pixel's centre
  expect(at(1, 4 * FACTOR - 1, 4 * FACTOR - 1)).toEqual([...heatColour(0)]);
  // Half the largest heat is half a pixel from its centre, along a side.
  const line = Array.from({ length: FACTOR }, (_, k) => at(2, middle + k, middle)).findIndex(
    ([r]) => r === 255,
  );
  expect(line).toBeGreaterThan(FACTOR / 2 - 3);
  expect(line).toBeLessThan(FACTOR / 2 + 3);
});

test("a map without heat is black and has no line; panels make a mosaic of equal tiles", () => {
  const heats = [{ name: "gradcam", values: new Float32Array(16).fill(-1) }];
  const drawn = panel({ picture, heats, title: ["a"], pixelScale: 0.5, arc: new Uint8Array(16) });
  expect(drawn.data.includes(252)).toBe(true); // the colour bar's light end is there all the same
  const mosaic = panelMosaic([drawn, drawn, drawn], 2 * drawn.width);
  expect([mosaic.width, mosaic.height]).toEqual([2 * drawn.width, 2 * drawn.height]);
});
