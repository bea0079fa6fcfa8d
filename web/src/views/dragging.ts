/** Contrast and bias by dragging on an image, as in DS9. A finger moves pages, or swipes, instead. */
import { useRef } from "preact/hooks";
import { BIAS, CONTRAST, within } from "../draw/limits.ts";
import type { SearchState } from "../state/use-search.ts";

/** CSS pixels within which a press is a click. */
const CLICK = 5;
/** CSS pixels by which the bias goes from one end to the other, and by which the contrast grows e-fold. */
const ACROSS = 500;
const UP = 150;

interface Drag {
  x: number;
  y: number;
  contrast: number;
  bias: number;
  moved: boolean;
}

/** To the right darker, up steeper. @returns handlers for the element that is dragged on */
export function useDragging({ view, change }: Pick<SearchState, "view" | "change">) {
  const drag = useRef<Drag | null>(null);
  /** Whether the click that follows is the end of a drag. */
  const dragged = useRef(false);
  const { display } = view;
  return {
    onPointerDown: (event: PointerEvent) => {
      dragged.current = false;
      if (event.pointerType === "touch" || event.button !== 0) return;
      const { contrast, bias } = display;
      drag.current = { x: event.clientX, y: event.clientY, contrast, bias, moved: false };
    },
    onPointerMove: (event: PointerEvent) => {
      const from = drag.current;
      if (from === null) return;
      // The button may have been let go outside the window.
      if (event.buttons === 0) {
        drag.current = null;
        return;
      }
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      if (!from.moved && Math.hypot(x, y) < CLICK) return;
      if (!from.moved) (event.currentTarget as Element).setPointerCapture(event.pointerId);
      from.moved = true;
      const contrast = within(from.contrast * Math.exp(-y / UP), CONTRAST);
      change({ display: { ...display, contrast, bias: within(from.bias + x / ACROSS, BIAS) } });
    },
    onPointerUp: () => {
      dragged.current = drag.current?.moved ?? false;
      drag.current = null;
    },
    onClickCapture: (event: MouseEvent) => {
      if (dragged.current) event.stopPropagation();
      dragged.current = false;
    },
  };
}
