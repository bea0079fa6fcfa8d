/** Heat maps of images by any of the methods, at the image's size. */
import { resize } from "../../torch/neural.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { activationMap, gradCamPlusPlusWeights, gradCamWeights } from "./cam.ts";
import { type Explainer, lastMap, scores } from "./explainer.ts";
import { type OcclusionOptions, occlusionMaps } from "./occlusion.ts";

export const EXPLANATIONS = ["gradcam", "gradcam++", "occlusion"] as const;

/** A method of explanation, by name. */
export type Explanation = (typeof EXPLANATIONS)[number];

/**
 * @param images (B, C, H, W) as stored
 * @returns by method (B, H, W) float32, in the caller's scope. Class activation maps are ≥ 0 in a unit of their own (weights
 *   times activations) and resized bilinearly, cells tiling the image; occlusion's unit is the score's
 */
export function heatMaps(
  explainer: Explainer,
  images: Tensor,
  methods: readonly Explanation[],
  occlusion: OcclusionOptions,
): Tensor[] {
  return tidy(() => {
    const [, , H, W] = images.shape as [number, number, number, number];
    const cams = methods.some((method) => method !== "occlusion");
    const map = cams ? lastMap(explainer, images) : null;
    return methods.map((method) =>
      tidy(() => {
        if (method === "occlusion")
          return occlusionMaps(images, (batch) => scores(explainer, batch), occlusion);
        const { A, g } = map!;
        const weights = method === "gradcam" ? gradCamWeights(g) : gradCamPlusPlusWeights(A, g);
        return resized(activationMap(A, weights), H, W);
      }),
    );
  });
}

/** (B, h, w) → (B, H, W) float32 */
const resized = (maps: Tensor, H: number, W: number): Tensor =>
  tidy(() => resize(maps.to("float32").unsqueeze(1), [H, W]).squeeze(1).contiguous());
