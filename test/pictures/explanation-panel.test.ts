import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { heatColour } from "../../src/pictures/colour-map.ts";
import { panel } from "../../src/pictures/explanation-panel.ts";

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

test("every method has a row of three: the image, the heat, and the image with the heat's line; words are text", () => {
  const values = new Float32Array(16);
  values[5] = 2;
  const { svg, tiles } = panel({
    picture,
    heats: [
      { name: "gradcam", values },
      { name: "occlusion", values },
    ],
    title: ["1  p(lens) = 0.973", "an-id <of> any kind & length, whole"],
    pixelScale: 0.5,
  });
  expect(tiles).toHaveLength(6);
  const at = (tile: number, x: number, y: number) => {
    const { width, data } = tiles[tile]!;
    return [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
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
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  const texts = [...document.querySelectorAll("text")].map(({ textContent }) => textContent);
  expect(texts).toEqual([
    "1  p(lens) = 0.973",
    "an-id <of> any kind & length, whole",
    ...["image", "gradcam", "half of it", "1″", "0", "2.0"],
    ...["image", "occlusion", "half of it", "1″", "0", "2.0"],
  ]);
  // Half of 2 arcsec is the longest bar that is at most half as long as a tile: 2 pixels of 48.
  expect(svg).toContain(`H${8 + 2 * FACTOR}M`);
  const images = [...document.querySelectorAll("image")].filter(
    (one) => one.getAttribute("height") === "192",
  );
  expect(images.map((one) => Number(one.getAttribute("x")))).toEqual([8, 206, 404, 8, 206, 404]);
});

test("a map without heat is black and has no line, and says so", () => {
  const heats = [{ name: "gradcam", values: new Float32Array(16).fill(-1) }];
  const { svg, tiles } = panel({ picture, heats, title: ["a"], pixelScale: 0.5, arc: new Uint8Array(16) });
  expect(new Set(tiles[1]!.data)).toEqual(new Set(heatColour(0)));
  expect(new Set(tiles[2]!.data)).toEqual(new Set([77]));
  expect(svg).toContain(">no heat<");
  expect(svg).toContain(">image, true arc<");
});
