/** Where north and east are in an image on the screen. */
import type { Orientation } from "../../../src/inspect/look-contract.ts";

export interface Arrow {
  /** To the right and down, of length 1. */
  x: number;
  y: number;
}

/** @param bottomFirst whether the y axis runs up on the screen, as images are then turned over to be shown */
export function compassOf({ angle, mirrored }: Orientation, bottomFirst: boolean): Record<"N" | "E", Arrow> {
  const turn = (angle * Math.PI) / 180;
  // Position angles run from north through east: to the left of y, or to its right in a mirrored image.
  const side = mirrored ? -1 : 1;
  const up = bottomFirst ? -1 : 1;
  return {
    N: { x: side * Math.sin(turn), y: up * Math.cos(turn) },
    E: { x: -side * Math.cos(turn), y: up * Math.sin(turn) },
  };
}
