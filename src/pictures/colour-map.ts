/** Numbers as colours: perceptually uniform, so that equal steps look equal, from black. */
import * as Plot from "@observablehq/plot";

const STEPS = 256;

let table: Uint8Array | null = null;

/** matplotlib's inferno (Smith & van der Walt 2015), as Observable Plot has it: (256, 3). */
function inferno(): Uint8Array {
  if (table !== null) return table;
  const scale = Plot.scale({ color: { type: "linear", scheme: "inferno", domain: [0, 1] } })!;
  table = Uint8Array.from(
    Array.from({ length: STEPS }, (_, k) => rgbOf(scale.apply(k / (STEPS - 1)))).flat(),
  );
  return table;
}

function rgbOf(colour: string): number[] {
  const hex = /^#(..)(..)(..)$/.exec(colour);
  if (hex !== null) return hex.slice(1).map((two) => Number.parseInt(two, 16));
  return colour.match(/\d+/g)!.slice(0, 3).map(Number);
}

/** Red, green and blue of a share of the scale; outside [0, 1] it has the end's colour. */
export function heatColour(share: number): Uint8Array {
  const k = Math.round((STEPS - 1) * Math.min(1, Math.max(0, share)));
  return inferno().subarray(3 * k, 3 * k + 3);
}
