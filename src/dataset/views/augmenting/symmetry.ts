/** The symmetries of the pixel grid: no pixel's value changes. */
import { where } from "../../../torch/create.ts";
import type { Generator } from "../../../torch/random.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import type { Augmentation } from "./policy.ts";

/**
 * A random symmetry of the pixel grid: transposing, mirroring x and mirroring y by three fair coins reach each of the 8
 * once. Flips alone leave out transposing; turns alone are those with an even number of the three, so the third coin
 * follows from the other two. Flips by unfair coins come after fair turns.
 *
 * @param x (B, C, H, W); square if it is turned
 */
export function symmetry(
  x: Tensor,
  policy: Pick<Augmentation, "flips" | "rotations" | "flipChance">,
  generator: Generator,
): Tensor {
  const { flips, rotations, flipChance } = policy;
  const coin = (chance = 0.5) => generator.uniform([x.shape[0]!, 1, 1, 1]).lt(chance);
  if (flips && flipChance !== 0.5) {
    const turned = rotations ? symmetry(x, { ...policy, flips: false }, generator) : x;
    const [mirrorX, mirrorY] = [coin(flipChance), coin(flipChance)];
    return mirrored(turned, mirrorX, mirrorY);
  }
  const [across, mirrorX, free] = [coin(), coin(), coin()];
  const mirrorY = flips ? free : across.ne(mirrorX.to("uint8"));
  const view = rotations ? where(across, x.transpose(2, 3), x) : x;
  return mirrored(view, mirrorX, mirrorY);
}

function mirrored(x: Tensor, mirrorX: Tensor, mirrorY: Tensor): Tensor {
  const view = where(mirrorX, x.flip(3), x);
  return where(mirrorY, view.flip(2), view);
}
