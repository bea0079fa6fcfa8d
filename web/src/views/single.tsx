/** One image, as large as there is space, or a wider cutout around it. */
import { useRef } from "preact/hooks";
import type { BesideAnswer } from "../../../src/inspect/look-contract.ts";
import type { CloserState } from "../state/use-closer.ts";
import type { SearchState } from "../state/use-search.ts";
import { Compass } from "./compass.tsx";
import { useDragging } from "./dragging.ts";
import { HeatLayer } from "./heat.tsx";
import { Pictures, px, useSize } from "./pictures.tsx";

/** CSS pixels that a finger moves in a swipe. */
const SWIPE = 60;

interface Props {
  search: SearchState;
  beside: BesideAnswer | null;
  closer: CloserState;
}

export function Single({ search, beside, closer }: Props) {
  const { view, order, at, facts, images, session } = search;
  const { element, width, height } = useSize<HTMLDivElement>();
  const side = Math.max(16, Math.floor(Math.min(width, height)));
  const row = order?.[at];
  const known = row === undefined ? undefined : facts.get(row);
  const { pixelScale, shape } = session.dataset;
  const { zoom } = view.display;
  const wider = closer.wider.value;
  const heat = wider === null ? closer.heat.value : null;
  const image = row === undefined ? undefined : (wider?.image ?? images.of(row));
  const across = wider?.side ?? shape[2];
  const bar = scaleBar((across * pixelScale) / zoom);
  const north = wider ?? beside;
  return (
    <div class="space" ref={element}>
      <div
        class={`single ${known?.grade ? `is-${known.grade}` : ""}`}
        style={{ width: px(side), height: px(side) }}
        {...useGestures(search)}
      >
        <Pictures
          width={side}
          height={side}
          tiles={row === undefined ? [] : [{ image, x: 0, y: 0, side }]}
          display={view.display}
        />
        {heat !== null && (
          <HeatLayer heat={heat} width={shape[2]} height={shape[1]} side={side} zoom={zoom} />
        )}
        {wider !== null && <Frame part={(shape[2] / wider.side) * zoom} />}
        {bar !== null && (
          <div class="scale" style={{ width: `${100 * bar.part}%` }}>
            {bar.arcsec}″
          </div>
        )}
        {north !== null && (
          <Compass orientation={north.orientation} bottomFirst={wider !== null || session.look.bottomFirst} />
        )}
      </div>
    </div>
  );
}

/** Where the object's own image is in a wider one. @param part of the side that is shown */
function Frame({ part }: { part: number }) {
  if (part >= 1) return null;
  const [size, edge] = [`${100 * part}%`, `${50 - 50 * part}%`];
  return (
    <div class="frame" style={{ width: size, height: size, left: edge, top: edge }} aria-hidden="true" />
  );
}

/** A finger swipes to the next image; a mouse drags contrast and bias. */
function useGestures(search: SearchState) {
  const { at, go } = search;
  const began = useRef<number | null>(null);
  const dragging = useDragging(search);
  return {
    ...dragging,
    onPointerDown: (event: PointerEvent) => {
      began.current = event.clientX;
      dragging.onPointerDown(event);
    },
    onPointerUp: (event: PointerEvent) => {
      dragging.onPointerUp();
      if (event.pointerType !== "touch") return;
      const moved = event.clientX - (began.current ?? event.clientX);
      if (Math.abs(moved) > SWIPE) go(at + (moved < 0 ? 1 : -1));
    },
  };
}

/** A round length of about a fifth of the image. @param across the image's side, arcsec */
function scaleBar(across: number): { arcsec: number; part: number } | null {
  const fitting = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60].filter((length) => length <= across / 4);
  const arcsec = fitting.at(-1);
  return arcsec === undefined ? null : { arcsec, part: arcsec / across };
}
