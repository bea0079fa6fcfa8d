/** What keys change of how images are shown. */
import { COLOUR_MAPS } from "../draw/colour-maps.ts";
import { type Display, STRETCHES } from "../draw/display.ts";
import { BIAS, CONTRAST, within, ZOOM } from "../draw/limits.ts";

/** By how much a key changes the contrast, and the bias. */
const STEEPER = 1.25;
const SHIFT = 0.05;

/** @param bands of the dataset @returns the part that the key changes; undefined for any other key */
export function lookedAt(key: string, display: Display, bands: number): Partial<Display> | undefined {
  if (key === "i") return { inverted: !display.inverted };
  if (key === "t") return { stretch: after(STRETCHES, display.stretch) };
  if (key === "p") return { map: after(COLOUR_MAPS, display.map) };
  if (key === "[") return { contrast: within(display.contrast / STEEPER, CONTRAST) };
  if (key === "]") return { contrast: within(display.contrast * STEEPER, CONTRAST) };
  if (key === ",") return { bias: within(display.bias - SHIFT, BIAS) };
  if (key === ".") return { bias: within(display.bias + SHIFT, BIAS) };
  if (key === "+" || key === "=") return { zoom: within(display.zoom + 0.5, ZOOM) };
  if (key === "-") return { zoom: within(display.zoom - 0.5, ZOOM) };
  if (!/^\d$/.test(key) || Number(key) > bands) return undefined;
  return { band: key === "0" ? null : Number(key) - 1 };
}

/** The next of a list, after the last the first. */
const after = <T>(list: readonly T[], one: T): T => list[(list.indexOf(one) + 1) % list.length]!;
