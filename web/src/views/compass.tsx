/** Where north and east are in an image, whose row 0 is shown at the top. */
import type { Orientation } from "../../../src/inspect/look-contract.ts";

interface Arrow {
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

const LENGTH = 26;
const LABEL = 37;

export function Compass({
  orientation,
  bottomFirst,
}: {
  orientation: Orientation | null;
  bottomFirst: boolean;
}) {
  if (orientation === null) return <p class="compass unknown">north is not known</p>;
  const arrows = Object.entries(compassOf(orientation, bottomFirst));
  const spoken = arrows.map(([name, arrow]) => `${name === "N" ? "north" : "east"} is ${directionOf(arrow)}`);
  return (
    <svg class="compass" viewBox="-46 -46 92 92" role="img" aria-label={spoken.join(", ")}>
      {arrows.map(([name, { x, y }]) => (
        <g key={name}>
          <line x1="0" y1="0" x2={LENGTH * x} y2={LENGTH * y} />
          <text x={LABEL * x} y={LABEL * y}>
            {name}
          </text>
        </g>
      ))}
    </svg>
  );
}

const DIRECTIONS = ["right", "lower right", "down", "lower left", "left", "upper left", "up", "upper right"];

const directionOf = ({ x, y }: Arrow): string =>
  DIRECTIONS[(Math.round(Math.atan2(y, x) / (Math.PI / 4)) + 8) % 8]!;
