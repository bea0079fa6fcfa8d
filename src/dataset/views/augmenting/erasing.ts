/**
 * Random erasing (Zhong et al. 2020, arXiv 1708.04896): a rectangle of random area, shape and position. It is set to the
 * band's mean over the image, which no network can mistake for an object.
 */
import { arange, where } from "../../../torch/create.ts";
import type { Generator } from "../../../torch/random.ts";
import type { Tensor } from "../../../torch/tensor.ts";

/** The paper's: aspect ratios of 0.3 to 1 / 0.3. */
const FLATTEST = 0.3;
const SMALLEST = 0.02;

/**
 * @param x (B, C, H, W)
 * @param chance that an image is changed
 * @param largest fraction of the area; uniform from 0.02
 */
export function erase(x: Tensor, chance: number, largest: number, generator: Generator): Tensor {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const uniform = () => generator.uniform([batch, 1, 1, 1]);
  const area = uniform()
    .mul(largest - SMALLEST)
    .add(SMALLEST);
  const shape = uniform()
    .mul(-2 * Math.log(FLATTEST))
    .add(Math.log(FLATTEST))
    .exp(); // height over width, as parts of the image's
  const within = (length: number, part: Tensor, line: Tensor) => {
    const side = part.sqrt().mul(length).round().clamp(1, length);
    const start = uniform()
      .mul(side.rsub(length + 1))
      .floor();
    return line.ge(start).and(line.lt(start.add(side)));
  };
  const indices = (length: number, dims: number[]) =>
    arange(0, length, 1, { dtype: "float32", device: x.device }).reshape(dims);
  const lines = within(height, area.mul(shape), indices(height, [1, 1, height, 1]));
  const columns = within(width, area.div(shape), indices(width, [1, 1, 1, width]));
  const touched = uniform().lt(chance);
  return where(lines.and(columns).and(touched), x.mean([2, 3], true), x);
}
