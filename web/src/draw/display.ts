/**
 * How images are shown: the settings, and the colour that they give a pixel. The shader in `webgl.ts` computes the same; this
 * is what browsers without WebGL2 use, and what tests check.
 */

export const STRETCHES = ["lupton", "asinh", "log", "sqrt", "linear"] as const;
export type Stretch = (typeof STRETCHES)[number];

export interface Display {
  stretch: Stretch;
  /** Of flux, in noise levels above the sky: what is shown black and white. */
  black: number;
  white: number;
  /** The channel shown alone, from 0; null for the composite. */
  band: number | null;
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
  band: null,
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

type Colour = [number, number, number];

/** @param levels of flux in noise levels above the sky (red, green, blue) @returns 0 to 1 */
export function colourOf(levels: Colour, display: Display): Colour {
  const { black, white, stretch } = display;
  const span = Math.max(white - black, 1e-6);
  const lit = levels.map((level) => Math.max(level - black, 0)) as Colour;
  const shown =
    stretch === "lupton" ? lupton(lit, span) : (lit.map((x) => curve(x, span, stretch)) as Colour);
  return display.inverted ? (shown.map((t) => 1 - t) as Colour) : shown;
}

/** Of an image for people, shown as it is. @param values 0 to 1 */
export const asItIs = (values: Colour, { inverted }: Display): Colour =>
  inverted ? (values.map((value) => 1 - value) as Colour) : values;

function curve(x: number, span: number, stretch: Stretch): number {
  const part = Math.min(x / span, 1);
  if (stretch === "linear") return part;
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
