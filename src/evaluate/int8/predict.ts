/** A model's predictions by its graph in 8 bits, or any other that has its logits and features. */
import { FeatureSums } from "../../adapt/calibration/label-shift-test.ts";
import type { ImageDomain, Rows } from "../../dataset/dataset.ts";
import { checkFinite } from "../../dataset/views/preprocessing/kind.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { Floats, OnnxSession } from "../../onnx/runtime.ts";
import { tidy } from "../../torch/scope.ts";
import { checkModelFits, type ModelInfo } from "../../train/model.ts";
import type { Predictions } from "../../train/predict.ts";
import { spansOf } from "../../train/spans.ts";
import { softmax } from "../softmax.ts";

/** Images at once: more are no faster, and take memory. */
export const BATCH = 64;

/**
 * As `predictRows`, by a graph with the outputs `logits` and `features`.
 *
 * @param tick called after each batch with its number of images
 * @param runs as in `spansOf`
 * @throws ArcletError when the dataset is not what the model was made for; Interrupted when the user stops it
 */
export async function predictRowsByGraph(
  session: OnnxSession,
  info: ModelInfo,
  domain: ImageDomain,
  rows: Rows,
  tick: (images: number) => void = () => {},
  runs?: readonly number[],
): Promise<Predictions> {
  checkModelFits(info, domain.info);
  const { classes } = info;
  const K = classes.length;
  const logits = new Float32Array(rows.length * K);
  const features = new FeatureSums();
  for (const { from, to } of spansOf(rows.length, BATCH, runs)) {
    const part = rows.slice(from, to);
    const made = await session.run(floatImages(domain, part));
    logits.set(made.logits!.data, from * K);
    features.add(made.features!.data, part.length);
    tick(part.length);
    await safePoint("nothing was written");
  }
  return { classes, logits, probabilities: softmax(logits, K), features: features.moments() };
}

/** Stored images in float32, refused if a pixel is not finite. */
export function floatImages(domain: ImageDomain, rows: Rows): Floats {
  return tidy(() => {
    const x = domain.images(rows).to("float32");
    checkFinite(x, (index) => {
      const row = rows[index]!;
      return { where: domain.folder, row: row + 1, id: domain.ids[row] };
    });
    return { data: x.data() as Float32Array, shape: [...x.shape] };
  });
}
