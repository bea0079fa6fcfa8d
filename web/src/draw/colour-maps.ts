/** Colours for the brightness of a single band. */
import {
  interpolateCividis,
  interpolateCubehelixDefault,
  interpolateInferno,
  interpolateMagma,
  interpolateViridis,
} from "d3-scale-chromatic";

/** All but grey rise in lightness as d3 has them: matplotlib's four (2015), and cubehelix (Green 2011, BASI 39, 289). */
const SCALES = {
  grey: (part: number) => `rgb(${[1, 1, 1].map(() => Math.round(255 * part)).join()})`,
  viridis: interpolateViridis,
  magma: interpolateMagma,
  inferno: interpolateInferno,
  cividis: interpolateCividis,
  cubehelix: interpolateCubehelixDefault,
} as const satisfies Record<string, (part: number) => string>;

export type ColourMap = keyof typeof SCALES;
export const COLOUR_MAPS = Object.keys(SCALES) as ColourMap[];

/** Colours of a map. */
export const STEPS = 256;

const tables = new Map<ColourMap, Uint8Array<ArrayBuffer>>();

/** A map from black, or its darkest, to white: (256, 4), red, green, blue and an opacity of 255. */
export function colourTable(map: ColourMap): Uint8Array<ArrayBuffer> {
  let table = tables.get(map);
  if (table === undefined) {
    const colours = Array.from({ length: STEPS }, (_, k) => [...rgbOf(SCALES[map](k / (STEPS - 1))), 255]);
    table = Uint8Array.from(colours.flat());
    tables.set(map, table);
  }
  return table;
}

/** Of `#rrggbb` or `rgb(r, g, b)`. */
function rgbOf(colour: string): number[] {
  const hex = /^#(..)(..)(..)$/.exec(colour);
  if (hex !== null) return hex.slice(1).map((two) => Number.parseInt(two, 16));
  return colour.match(/\d+/g)!.slice(0, 3).map(Number);
}
