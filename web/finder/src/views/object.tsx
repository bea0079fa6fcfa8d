/** One image: its picture, its numbers, and which part its logit rests on. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { drawHeat, drawImage } from "../draw.ts";
import type { Engine } from "../engine/engine.ts";
import { type Finder, scoresOf } from "../finder.ts";
import { type Heat, occlusionHeat, type Size } from "../heat.ts";
import type { Ranked } from "../ranking.ts";
import { Canvas } from "./canvas.tsx";

const sizeOf = ({ bands, height, width }: Finder): Size => ({ channels: bands.length, height, width });

interface Props {
  finder: Finder;
  engine: Engine;
  one: Ranked;
}

/** The image's heat so far, null before the first map. */
function useHeat({ finder, engine, one }: Props): Heat | null {
  const [heat, setHeat] = useState<Heat | null>(null);
  useEffect(() => {
    let current = true;
    setHeat(null);
    const logits = async (images: readonly Float32Array[]) => (await scoresOf(finder, engine, images)).logit;
    const fill = async () => {
      const detail = one.name;
      const start = performance.now();
      for await (const made of occlusionHeat(one.pixels, sizeOf(finder), one.logit, logits)) {
        if (!current) return;
        performance.measure(`heat ${made.done}/${made.of.count}`, { start, end: performance.now(), detail });
        setHeat(made);
      }
    };
    // It fails only if its finder was closed meanwhile.
    fill().catch(() => undefined);
    return () => {
      current = false;
    };
  }, [finder, engine, one]);
  return heat;
}

export function ObjectView({ finder, engine, one }: Props) {
  const heat = useHeat({ finder, engine, one });
  const image = useCallback(
    (canvas: HTMLCanvasElement) => drawImage(canvas, one.pixels, sizeOf(finder), finder.pixels === "display"),
    [finder, one],
  );
  const map = useCallback(
    (canvas: HTMLCanvasElement) => heat !== null && drawHeat(canvas, heat.map, sizeOf(finder)),
    [finder, heat],
  );
  return (
    <section aria-label="The image" class="object">
      <h2>{one.name}</h2>
      <p>
        score {one.score.toPrecision(4)}
        {one.calibrated !== null && `, calibrated probability ${one.calibrated.toPrecision(4)}`}
      </p>
      <div class="pair">
        <Canvas label={`Image ${one.name}`} draw={image} />
        {heat === null ? <p role="status">computing heat …</p> : <Canvas label="Heat" draw={map} />}
      </div>
      {heat !== null && <About heat={heat} />}
    </section>
  );
}

/** What kind of map it is, and how far. */
function About({ heat: { map, done, of } }: { heat: Heat }) {
  const { window, stride, count } = of;
  const most = map.reduce((a, b) => Math.max(a, b));
  return (
    <>
      <p class="note">
        Occlusion: red where hiding a patch of {window} × {window} pixels lowers the logit (by{" "}
        {most.toPrecision(4)} at most), blue where it raises it.
      </p>
      {done < count ? (
        <p role="status">
          coarse: {done} of {count} patches …
        </p>
      ) : (
        <p class="note">
          All {count} patches, as{" "}
          <code>
            arclet explain --method occlusion --window {window} --stride {stride}
          </code>{" "}
          has them.
        </p>
      )}
    </>
  );
}
