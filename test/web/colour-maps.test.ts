/** The colours of a band alone. */
import { expect, test } from "vitest";
import { COLOUR_MAPS, colourTable } from "../../web/src/draw/colour-maps.ts";
import { contrasted, DEFAULTS, isMapped } from "../../web/src/draw/display.ts";
import { lookedAt } from "../../web/src/state/look-keys.ts";

const at = (map: (typeof COLOUR_MAPS)[number], step: number) => [
  ...colourTable(map).subarray(4 * step, 4 * step + 4),
];

test("maps begin and end as published", () => {
  expect(at("grey", 128)).toEqual([128, 128, 128, 255]);
  // matplotlib's tables: #440154 to #fde725, #000004 to #fcfdbf, #000004 to #fcffa4.
  expect([at("viridis", 0), at("viridis", 255)]).toEqual([
    [0x44, 0x01, 0x54, 255],
    [0xfd, 0xe7, 0x25, 255],
  ]);
  expect([at("magma", 0), at("magma", 255)]).toEqual([
    [0, 0, 4, 255],
    [0xfc, 0xfd, 0xbf, 255],
  ]);
  expect(at("inferno", 255)).toEqual([0xfc, 0xff, 0xa4, 255]);
  expect([at("cubehelix", 0), at("cubehelix", 255)]).toEqual([
    [0, 0, 0, 255],
    [255, 255, 255, 255],
  ]);
});

test("every map rises in lightness, so that brighter pixels look brighter", () => {
  for (const map of COLOUR_MAPS) {
    // Rec. 709's weights, on 8-bit values: steps of rounding may be lost.
    const light = Array.from({ length: 256 }, (_, k) => {
      const [r, g, b] = at(map, k) as [number, number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    for (let k = 8; k < 256; k++) expect(light[k]!).toBeGreaterThan(light[k - 8]!);
  }
});

test("a map is of one band, never of a composite", () => {
  const magma = { ...DEFAULTS, map: "magma" as const };
  expect(isMapped(magma, 3)).toBe(false);
  expect(isMapped({ ...magma, band: 2 }, 3)).toBe(true);
  expect(isMapped({ ...magma, band: 3 }, 3)).toBe(false);
  expect(isMapped(magma, 1)).toBe(true);
  expect(isMapped({ ...DEFAULTS, band: 0 }, 3)).toBe(false);
});

test("contrast turns about the bias, and is clipped; nothing changes at 1 and 0.5", () => {
  const of = (contrast: number, bias: number, inverted = false) =>
    contrasted([0, 0.4, 1], { ...DEFAULTS, contrast, bias, inverted });
  expect(of(1, 0.5)).toEqual([0, 0.4, 1]);
  // (0.4 − 0.5) · 2 + 0.5 and (0.4 − 0.25) · 2 + 0.5
  expect(of(2, 0.5)).toEqual([0, expect.closeTo(0.3, 12), 1]);
  expect(of(2, 0.25)).toEqual([0, expect.closeTo(0.8, 12), 1]);
  expect(of(2, 0.25, true)).toEqual([1, expect.closeTo(0.2, 12), 0]);
  // Flat: from 0.5 − 0.05 to 0.5 + 0.05.
  expect(of(0.1, 0.5)).toEqual([
    expect.closeTo(0.45, 12),
    expect.closeTo(0.49, 12),
    expect.closeTo(0.55, 12),
  ]);
});

test("keys: stretches and maps in turn, contrast and bias within their limits, bands that there are", () => {
  expect(lookedAt("t", { ...DEFAULTS, stretch: "zscale" }, 3)).toEqual({ stretch: "lupton" });
  expect(lookedAt("p", DEFAULTS, 3)).toEqual({ map: "viridis" });
  expect(lookedAt("]", DEFAULTS, 3)).toEqual({ contrast: 1.25 });
  expect(lookedAt("[", { ...DEFAULTS, contrast: 0.11 }, 3)).toEqual({ contrast: 0.1 });
  expect(lookedAt(",", DEFAULTS, 3)).toEqual({ bias: expect.closeTo(0.45, 12) });
  expect(lookedAt(".", { ...DEFAULTS, bias: 0.99 }, 3)).toEqual({ bias: 1 });
  expect(lookedAt("3", DEFAULTS, 3)).toEqual({ band: 2 });
  expect(lookedAt("4", DEFAULTS, 3)).toBeUndefined();
  expect(lookedAt("0", { ...DEFAULTS, band: 1 }, 3)).toEqual({ band: null });
});
