/** A heat map over an image: the more of it, the more opaque. */
import { useEffect, useRef } from "preact/hooks";
import { colourTable, STEPS } from "../draw/colour-maps.ts";

/** Of 255, at the largest heat. */
const MOST_OPAQUE = 190;

interface Props {
  /** (height, width), row 0 at the top. */
  heat: Float32Array;
  width: number;
  height: number;
  /** CSS pixels. */
  side: number;
  zoom: number;
}

export function HeatLayer({ heat, width, height, side, zoom }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const pixels = Math.round(side * (window.devicePixelRatio || 1));
    [element.width, element.height] = [pixels, pixels];
    const small = document.createElement("canvas");
    [small.width, small.height] = [width, height];
    small.getContext("2d")!.putImageData(new ImageData(heatPixels(heat), width, height), 0, 0);
    const [w, h] = [width / zoom, height / zoom];
    context.drawImage(small, (width - w) / 2, (height - h) / 2, w, h, 0, 0, pixels, pixels);
  }, [heat, width, height, side, zoom]);
  return <canvas ref={canvas} class="heat" role="img" aria-label="heat map" />;
}

/** As 8-bit red, green, blue and opacity; the colours are inferno's. */
function heatPixels(heat: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const most = heat.reduce((largest, value) => Math.max(largest, value), 0);
  const table = colourTable("inferno");
  const out = new Uint8ClampedArray(4 * heat.length);
  for (let i = 0; i < heat.length; i++) {
    const share = most > 0 ? Math.max(heat[i]!, 0) / most : 0;
    const step = 4 * Math.round((STEPS - 1) * share);
    for (let k = 0; k < 3; k++) out[4 * i + k] = table[step + k]!;
    out[4 * i + 3] = MOST_OPAQUE * share;
  }
  return out;
}
