/** Heat maps in numbers and words: their peak and radius, and notes on the methods. */
import type { ImageInfo } from "../../dataset/dataset.ts";
import { encoders } from "../../encoders/registry.ts";
import type { Explanation } from "../../evaluate/explanation/heat.ts";
import type { Output } from "../../evaluate/explanation/score.ts";
import type { ModelInfo } from "../../train/model.ts";

export interface HeatNumbers {
  max: number;
  /** Pixel of the largest heat, from 0 at the left and the top; null without heat. */
  peakX: number | null;
  peakY: number | null;
  /** Mean distance of the heat from the image's centre, arcsec; null without heat. */
  radius: number | null;
}

/** @param heat (H W); negative heat counts as none in the radius */
export function heatNumbers(
  heat: Float32Array,
  { shape, pixelScale }: Pick<ImageInfo, "shape" | "pixelScale">,
): HeatNumbers {
  const [, height, width] = shape;
  let peak = 0;
  let [sum, moment] = [0, 0];
  for (let i = 0; i < heat.length; i++) {
    if (heat[i]! > heat[peak]!) peak = i;
    const value = Math.max(0, heat[i]!);
    const [x, y] = [(i % width) - (width - 1) / 2, Math.floor(i / width) - (height - 1) / 2];
    sum += value;
    moment += value * Math.hypot(x, y) * pixelScale;
  }
  const max = heat[peak]!;
  if (!(sum > 0)) return { max, peakX: null, peakY: null, radius: null };
  return { max, peakX: peak % width, peakY: Math.floor(peak / width), radius: moment / sum };
}

export function notesOf(
  methods: readonly Explanation[],
  { output, window, stride }: { output: Output; window: number; stride: number },
  { encoder, classes }: Pick<ModelInfo, "encoder" | "classes">,
  classIndex: number,
): string[] {
  const name = classes[classIndex]!;
  const score =
    output === "logit" ? `the logit of ${name}` : `the log-odds of ${name} against the other classes`;
  const about: Record<Explanation, string> = {
    gradcam: `Grad-CAM (Selvaraju et al. 2017): ReLU of the map's channels weighted by their mean gradient. The map: ${encoders.find(encoder.name).map}. No heat means that everything speaks against ${name}.`,
    "gradcam++":
      "Grad-CAM++ (Chattopadhay et al. 2018, the closed form for exp(score), without the factor exp(score), which is the same in all of a map). It is meant for maps after a ReLU.",
    occlusion: `Occlusion (Zeiler & Fergus 2014): a patch of ${window} pixels at the image's sky level (the median of its rim), every ${stride} pixels or closer; a pixel's heat is the mean drop of the score over the patches that cover it. Negative heat (the score rises when the pixel is covered) is in the maps' file, but not drawn.`,
  };
  return [
    `Explained is ${score}.`,
    ...methods.map((method) => about[method]),
    "Class activation maps are resized bilinearly from the feature map: details finer than its cells mean nothing.",
    "Heat shows what a score depends on, not that the score is right. arclet explain --sanity tests the explanations.",
  ];
}

export function summaryLine(
  out: string,
  count: number,
  methods: readonly Explanation[],
  flat: readonly number[],
): string {
  const none = methods.flatMap((method, m) => (flat[m]! > 0 ? [`${method} has none in ${flat[m]}`] : []));
  return `${out}: heat maps of ${count} images${none.length > 0 ? `; ${none.join(", ")}` : ""}`;
}
