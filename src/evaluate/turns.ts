/** Scores averaged over the eight ways to turn and mirror an image, which the sky does not tell apart. */
import type { ImageDomain } from "../dataset/dataset.ts";
import { ChangedImages } from "../dataset/views/changed-images.ts";
import { channelsOf } from "../dataset/views/preprocess.ts";
import { noGrad } from "../torch/autograd.ts";
import { imageLayout } from "../torch/machine.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { Model } from "../train/model.ts";
import { deviceOf, type Predictions } from "../train/predict.ts";
import { softmax } from "./softmax.ts";

/** (B, C, H, W) turned; the first leaves them as they are. Images that are not square are not turned by a right angle. */
export function turnsOf(square: boolean): ((images: Tensor) => Tensor)[] {
  const quarters = square ? [0, 1, 2, 3] : [0, 2];
  return quarters.flatMap((quarter) => [
    (images: Tensor) => (quarter === 0 ? images : images.rot90(quarter)),
    (images: Tensor) => images.flip(3).rot90(quarter),
  ]);
}

/** Logits that differ by less than this part of the largest are the same: sums in another order. */
const SAME = 1e-3;
const TRIED = 4;

/** Whether a model's logits change when images are turned or mirrored, tried on noise. */
export function changesWithTurns({ network, info }: Model): boolean {
  const [, height, width] = info.shape;
  return tidy(() =>
    noGrad(() => {
      const device = deviceOf(network);
      const noise = new Generator(0).normal([TRIED, channelsOf(info.preprocessing), height, width]);
      const logits = turnsOf(height === width).map((turn) =>
        network
          .train(false)
          .forward(turn(noise).toDevice(device).contiguous(imageLayout(device)))
          .to("float32"),
      );
      const largest = Math.max(...logits[0]!.abs().numbers(), Number.MIN_VALUE);
      return logits.some((one) =>
        one
          .sub(logits[0]!)
          .abs()
          .numbers()
          .some((by) => !(by < SAME * largest)),
      );
    }),
  );
}

/**
 * The means of logits over all turns. Features are those of the images as they are.
 *
 * @param predict of a domain; its ticks are counted over all turns
 * @param tick called with images of which all turns are done
 */
export async function averagedOverTurns(
  domain: ImageDomain,
  predict: (turned: ImageDomain, tick: (images: number) => void) => Promise<Predictions>,
  tick: (images: number) => void,
): Promise<Predictions> {
  const [, height, width] = domain.info.shape;
  const turns = turnsOf(height === width);
  let done = 0;
  const ticked = (images: number) => {
    const before = Math.floor(done / turns.length);
    done += images;
    const more = Math.floor(done / turns.length) - before;
    if (more > 0) tick(more);
  };
  let first: Predictions | null = null;
  let logits = new Float64Array();
  for (const turn of turns) {
    const made = await predict(new ChangedImages(domain, domain.info, turn), ticked);
    if (first === null) logits = new Float64Array(made.logits.length);
    first ??= made;
    made.logits.forEach((logit, i) => {
      logits[i]! += logit / turns.length;
    });
  }
  const { classes, features } = first!;
  const means = Float32Array.from(logits);
  return { classes, features, logits: means, probabilities: softmax(means, classes.length) };
}
