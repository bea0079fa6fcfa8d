/** North and east, drawn on an image. */
import type { Orientation } from "../../../src/inspect/look-contract.ts";
import { type Arrow, compassOf } from "../draw/compass.ts";

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
