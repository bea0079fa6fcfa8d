/** One image, as large as there is space. */
import { useRef } from "preact/hooks";
import type { BesideAnswer } from "../../../src/inspect/look-contract.ts";
import type { SearchState } from "../state/use-search.ts";
import { Compass } from "./compass.tsx";
import { useDragging } from "./dragging.ts";
import { Pictures, px, useSize } from "./pictures.tsx";

/** CSS pixels that a finger moves in a swipe. */
const SWIPE = 60;

interface Props {
  search: SearchState;
  beside: BesideAnswer | null;
}

export function Single({ search, beside }: Props) {
  const { view, order, at, go, facts, images, session } = search;
  const { element, width, height } = useSize<HTMLDivElement>();
  const side = Math.max(16, Math.floor(Math.min(width, height)));
  const row = order?.[at];
  const known = row === undefined ? undefined : facts.get(row);
  const began = useRef<number | null>(null);
  const dragging = useDragging(search);
  const { pixelScale, shape } = session.dataset;
  const bar = scaleBar((shape[2] * pixelScale) / view.display.zoom);
  return (
    <div class="space" ref={element}>
      <div
        class={`single ${known?.grade ? `is-${known.grade}` : ""}`}
        style={{ width: px(side), height: px(side) }}
        {...dragging}
        onPointerDown={(event) => {
          began.current = event.clientX;
          dragging.onPointerDown(event);
        }}
        onPointerUp={(event) => {
          dragging.onPointerUp();
          if (event.pointerType !== "touch") return;
          const moved = event.clientX - (began.current ?? event.clientX);
          if (Math.abs(moved) > SWIPE) go(at + (moved < 0 ? 1 : -1));
        }}
      >
        <Pictures
          width={side}
          height={side}
          tiles={row === undefined ? [] : [{ image: images.of(row), x: 0, y: 0, side }]}
          display={view.display}
        />
        {bar !== null && (
          <div class="scale" style={{ width: `${100 * bar.part}%` }}>
            {bar.arcsec}″
          </div>
        )}
        {beside !== null && (
          <Compass orientation={beside.orientation} bottomFirst={session.look.bottomFirst} />
        )}
      </div>
    </div>
  );
}

/** A round length of about a fifth of the image. @param across the image's side, arcsec */
function scaleBar(across: number): { arcsec: number; part: number } | null {
  const fitting = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60].filter((length) => length <= across / 4);
  const arcsec = fitting.at(-1);
  return arcsec === undefined ? null : { arcsec, part: arcsec / across };
}
