/** A canvas with images on it. It is as large as the space it is given, in the screen's own pixels. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Display } from "../draw/display.ts";
import type { Prepared } from "../draw/levels.ts";
import { type Painter, painterOf } from "../draw/painter.ts";

export interface Placed {
  image: Prepared | undefined;
  /** CSS pixels. */
  x: number;
  y: number;
  side: number;
}

interface Props {
  width: number;
  height: number;
  tiles: readonly Placed[];
  display: Display;
}

export function Pictures({ width, height, tiles, display }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<Painter | null>(null);
  const [lost, setLost] = useState(false);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (element.width !== w || element.height !== h) [element.width, element.height] = [w, h];
    painter.current ??= painterOf(element, lost);
    const whole = tiles.flatMap(({ image, x, y, side }) =>
      image === undefined
        ? []
        : [{ image, x: Math.round(x * ratio), y: Math.round(y * ratio), side: Math.round(side * ratio) }],
    );
    const begun = performance.now();
    painter.current?.paint(whole, display);
    element.dataset.painter = painter.current?.kind ?? "none";
    element.dataset.images = String(whole.length);
    element.dataset.milliseconds = (performance.now() - begun).toFixed(1);
  });
  useEffect(() => {
    const element = canvas.current;
    const onLost = () => {
      painter.current = null;
      setLost(true);
    };
    element?.addEventListener("webglcontextlost", onLost);
    return () => element?.removeEventListener("webglcontextlost", onLost);
  }, []);
  // A canvas that had WebGL can have nothing else: its key makes another one.
  return <canvas ref={canvas} key={lost ? "plain" : "gl"} class="pictures" />;
}

export const px = (length: number): string => `${length}px`;

/** The size of an element, as it changes. */
export function useSize<E extends HTMLElement>() {
  const element = useRef<E>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const observed = element.current;
    if (observed === null) return;
    const watch = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ width, height });
    });
    watch.observe(observed);
    return () => watch.disconnect();
  }, []);
  return { element, ...size };
}
