/**
 * How images are shown: the settings, and the colour that they give a pixel. The shader in `webgl.ts` computes the same; this
 * is what browsers without WebGL2 use, and what tests check.
 */

import type { ColourMap } from "./colour-maps.ts";

export const STRETCHES = ["lupton", "asinh", "log", "sqrt", "linear", "zscale"] as const;
export type Stretch = (typeof STRETCHES)[number];

export interface Display {
  stretch: Stretch;
  /** Of flux, in noise levels above the sky: what is shown black and white. `zscale` finds its own. */
  black: number;
  white: number;
  /** Of what the stretch gives: how steep, and what is shown half bright; 1 and 0.5 change nothing. As in DS9. */
  contrast: number;
  bias: number;
  /** The channel shown alone, from 0; null for the composite. */
  band: number | null;
  /** Of a band alone. */
  map: ColourMap;
  inverted: boolean;
  /** Between pixels, values are interpolated. */
  smooth: boolean;
  /** 1 shows the whole image, 2 the half in its middle. */
  zoom: number;
}

/** As Arclet's other pictures: one noise level below the sky is black, 60 above are white. */
export const DEFAULTS: Display = {
  stretch: "lupton",
  black: -1,
  white: 60,
  contrast: 1,
  bias: 0.5,
  band: null,
  map: "grey",
  inverted: false,
  smooth: true,
  zoom: 1,
};

/** Noise levels up to which asinh and Lupton's stretch are about linear. */
export const SOFTENING = 3;
/** The logarithm's contrast, DS9's default. */
export const LOG_CONTRAST = 1000;

/**
 * The channels shown as red, green and blue: images for people are in this order; bands of flux go from blue to red.
 *
 * @param own those of flux that the survey shows
 */
export function channelsOf(
  display: Display,
  count: number,
  pixels: "flux" | "display",
  own?: [number, number, number],
): [number, number, number] {
  if (display.band !== null && display.band < count) return [display.band, display.band, display.band];
  if (own !== undefined && pixels === "flux") return own;
  if (count < 3) return [count - 1, 0, 0];
  return pixels === "display" ? [0, 1, 2] : [count - 1, count >> 1, 0];
}

/** Red, green and blue. */
export type Colour = [number, number, number];

/** Levels of each channel that are shown black and white. */
export interface Range {
  low: Colour;
  high: Colour;
}

/** Those of the settings, alike in all channels. */
export const rangeOf = ({ black, white }: Display): Range => ({
  low: [black, black, black],
  high: [white, white, white],
});

/**
 * @param levels of flux in noise levels above the sky
 * @param range the settings', if it is not the image's own
 * @returns 0 to 1
 */
export function colourOf(levels: Colour, display: Display, { low, high } = rangeOf(display)): Colour {
  const { stretch } = display;
  const span = levels.map((_, k) => Math.max(high[k]! - low[k]!, 1e-6)) as Colour;
  const lit = levels.map((level, k) => Math.max(level - low[k]!, 0)) as Colour;
  const shown =
    stretch === "lupton" ? lupton(lit, span[0]) : (lit.map((x, k) => curve(x, span[k]!, stretch)) as Colour);
  return contrasted(shown, display);
}

/** Of an image for people, or what a stretch gives, with contrast, bias and inversion. @param values 0 to 1 */
export function contrasted(values: Colour, { contrast, bias, inverted }: Display): Colour {
  return values.map((value) => {
    const part = Math.min(Math.max((value - bias) * contrast + 0.5, 0), 1);
    return inverted ? 1 - part : part;
  }) as Colour;
}

/** Whether one band is shown, which takes the colours of a map. @param count of the image's bands */
export const isMapped = ({ band, map }: Display, count: number): boolean =>
  map !== "grey" && (count === 1 || (band !== null && band < count));

function curve(x: number, span: number, stretch: Stretch): number {
  const part = Math.min(x / span, 1);
  if (stretch === "linear" || stretch === "zscale") return part;
  if (stretch === "sqrt") return Math.sqrt(part);
  if (stretch === "log") return Math.log1p(LOG_CONTRAST * part) / Math.log1p(LOG_CONTRAST);
  return Math.min(Math.asinh(x / SOFTENING) / Math.asinh(span / SOFTENING), 1);
}

/** One factor for a pixel's three channels keeps its colour, also where it is brighter than white (Lupton et al. 2004). */
function lupton(lit: Colour, span: number): Colour {
  const mean = (lit[0] + lit[1] + lit[2]) / 3;
  if (mean <= 0) return [0, 0, 0];
  const factor = Math.asinh(mean / SOFTENING) / Math.asinh(span / SOFTENING) / mean;
  const brightest = Math.max(...lit) * factor;
  return lit.map((x) => (x * factor) / Math.max(brightest, 1)) as Colour;
}
