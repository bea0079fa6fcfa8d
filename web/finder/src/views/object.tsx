/** One image: its picture, its numbers, and which part its logit rests on. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { drawHeat, drawImage } from "../draw.ts";
import type { Engine } from "../engine/engine.ts";
import { type Finder, scoresOf } from "../finder.ts";
import { occlusionHeat, type Size } from "../heat.ts";
import type { Ranked } from "../ranking.ts";
import { Canvas } from "./canvas.tsx";

const sizeOf = ({ bands, height, width }: Finder): Size => ({ channels: bands.length, height, width });

interface Props {
  finder: Finder;
  engine: Engine;
  one: Ranked;
}

export function ObjectView({ finder, engine, one }: Props) {
  const [heat, setHeat] = useState<Float32Array | null>(null);
  useEffect(() => {
    let current = true;
    setHeat(null);
    const logits = async (images: readonly Float32Array[]) => (await scoresOf(finder, engine, images)).logit;
    occlusionHeat(one.pixels, sizeOf(finder), logits).then(
      (made) => current && setHeat(made),
      // Its finder was closed meanwhile.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [finder, engine, one]);
  const image = useCallback(
    (canvas: HTMLCanvasElement) => drawImage(canvas, one.pixels, sizeOf(finder), finder.pixels === "display"),
    [finder, one],
  );
  const map = useCallback(
    (canvas: HTMLCanvasElement) => heat !== null && drawHeat(canvas, heat, sizeOf(finder)),
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
      <p class="note">Red: hiding this part lowers the logit, by occlusion.</p>
    </section>
  );
}
