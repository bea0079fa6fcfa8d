/** A canvas that is drawn again when what it shows changes. */
import { useEffect, useRef } from "preact/hooks";

export function Canvas({ label, draw }: { label: string; draw: (canvas: HTMLCanvasElement) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current);
  }, [draw]);
  return <canvas ref={canvas} role="img" aria-label={label} />;
}
