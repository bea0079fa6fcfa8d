/**
 * A frame in overlapping pieces, so that memory depends on a piece's size, not the frame's. A source belongs to the piece
 * whose core holds it.
 */
import type { Window } from "./frame-image.ts";

export interface Tile {
  /** The pixels read: the core and a margin around it, within the frame. */
  window: Window;
  core: Window;
}

/** @param side of a core, pixels; `margin` around it, pixels */
export function tilesOf(width: number, height: number, side: number, margin: number): Tile[] {
  // Cores of nearly equal size, none of them a sliver
  const cut = (length: number) => {
    const count = Math.max(1, Math.round(length / side));
    return Array.from({ length: count + 1 }, (_, k) => Math.round((k * length) / count));
  };
  const [columns, rows] = [cut(width), cut(height)];
  const tiles: Tile[] = [];
  for (let j = 0; j + 1 < rows.length; j++)
    for (let i = 0; i + 1 < columns.length; i++) {
      const [x0, x1, y0, y1] = [columns[i]!, columns[i + 1]!, rows[j]!, rows[j + 1]!];
      const [u0, u1] = [Math.max(0, x0 - margin), Math.min(width, x1 + margin)];
      const [v0, v1] = [Math.max(0, y0 - margin), Math.min(height, y1 + margin)];
      tiles.push({
        core: { x: x0, y: y0, width: x1 - x0, height: y1 - y0 },
        window: { x: u0, y: v0, width: u1 - u0, height: v1 - v0 },
      });
    }
  return tiles;
}

/** How far apart two pieces may see the same source, pixels. */
const SAME = 1.5;

/**
 * Decides which piece a source belongs to: the one whose core holds it. Two pieces measure a slightly different sky, so a
 * source on the line between them may fall beyond it in both: within 1.5 pixels of the line, the first piece to find a
 * source keeps it.
 */
export class Ownership {
  readonly #near = new Map<string, [number, number][]>();

  /** Whether this piece owns the source at (x, y) of the frame; to be called once for each source, piece after piece. */
  takes({ core, window }: Tile, x: number, y: number): boolean {
    // The frame's own edges have no neighbour.
    const low = (coreEdge: number, windowEdge: number) =>
      coreEdge === windowEdge ? -Infinity : coreEdge - 0.5;
    const high = (coreEdge: number, windowEdge: number) =>
      coreEdge === windowEdge ? Infinity : coreEdge - 0.5;
    const inside = Math.min(
      x - low(core.x, window.x),
      y - low(core.y, window.y),
      high(core.x + core.width, window.x + window.width) - x,
      high(core.y + core.height, window.y + window.height) - y,
    );
    if (inside < -SAME) return false;
    if (inside > 2 * SAME) return true;
    const [cx, cy] = [Math.floor(x / SAME), Math.floor(y / SAME)];
    for (let v = cy - 1; v <= cy + 1; v++)
      for (let u = cx - 1; u <= cx + 1; u++)
        if (this.#near.get(`${u},${v}`)?.some(([a, b]) => Math.hypot(a - x, b - y) < SAME)) return false;
    const cell = `${cx},${cy}`;
    this.#near.set(cell, [...(this.#near.get(cell) ?? []), [x, y]]);
    return true;
  }
}
