/** A network whose scores are explained: its last map, its gradient, and its scores alone. */
import { applyPreprocessing } from "../../dataset/views/preprocess.ts";
import type { Preprocessing } from "../../dataset/views/preprocessing/registry.ts";
import type { EncoderNetwork } from "../../encoders/network.ts";
import { enableGrad, grad, noGrad } from "../../torch/autograd.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { type Output, scoreOf } from "./score.ts";

/** What explains: a network, its preprocessing, and which output. */
export interface Explainer {
  /** The network. */
  readonly network: EncoderNetwork;
  /** What comes before the network. */
  readonly preprocessing: Preprocessing;
  /** The class to explain. */
  readonly classIndex: number;
  /** What is explained: a logit or a probability. */
  readonly output: Output;
}

export interface LastMap {
  /** (B, K, h, w): the encoder's last map with positions (`Encoder.mapped`). */
  A: Tensor;
  /** ∂S/∂A, the same shape. */
  g: Tensor;
  /** (B) */
  S: Tensor;
}

const inputOf = (preprocessing: Preprocessing, images: Tensor): Tensor =>
  applyPreprocessing(preprocessing, images).contiguous("channels_last");

/**
 * One pass through the network, in eval mode: every image is by itself.
 *
 * For convolutional encoders the map is the last one, for equivariant ones the last one after the maximum over the group
 * (it moves with the image), for the ViT the patch tokens that enter the last block.
 *
 * @param images (B, C, H, W) as stored
 */
export function lastMap({ network, preprocessing, classIndex, output }: Explainer, images: Tensor): LastMap {
  network.train(false);
  return enableGrad(() =>
    tidy(() => {
      // The input asks for gradients, so that frozen networks are recorded as well.
      const x = inputOf(preprocessing, images).detach().withGrad();
      const { map, features } = network.encoder.mapped(x);
      const ofHead = network.head === null ? features : network.head.forward(features);
      const S = scoreOf(network.classifier.forward(ofHead), classIndex, output);
      const [g] = grad(S.sum(), [map]);
      return { A: map.detach(), g: g!, S: S.detach() };
    }),
  );
}

/** S (B) of images (B, C, H, W) as stored. */
export function scores({ network, preprocessing, classIndex, output }: Explainer, images: Tensor): Tensor {
  network.train(false);
  return noGrad(() =>
    tidy(() => scoreOf(network.forward(inputOf(preprocessing, images)), classIndex, output)),
  );
}
