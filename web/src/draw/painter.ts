/** What draws images onto a canvas: WebGL2, or the canvas's own two dimensions where that is absent. */
import { canvasPainter } from "./canvas.ts";
import type { Display } from "./display.ts";
import type { Prepared } from "./levels.ts";
import { webglPainter } from "./webgl.ts";

/** An image and where it goes, in the canvas's pixels from its upper left corner. */
export interface Tile {
  image: Prepared;
  x: number;
  y: number;
  side: number;
}

export interface Painter {
  readonly kind: "webgl" | "canvas";
  /** Draws tiles onto an otherwise empty canvas. */
  paint(tiles: readonly Tile[], display: Display): void;
}

/** `?canvas` in the address asks for the fallback, to compare the two. */
export function painterOf(canvas: HTMLCanvasElement, lost: boolean): Painter | null {
  const plain = lost || new URLSearchParams(location.search).has("canvas");
  return (plain ? null : webglPainter(canvas)) ?? canvasPainter(canvas);
}
