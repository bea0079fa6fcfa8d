/**
 * Filter banks of group convolutions (Cohen and Welling 2016, arXiv 1602.07576, sections 6 and 7): one base filter
 * becomes |G| filters by the group's action, and an ordinary convolution with them is equivariant.
 *
 * Regular fields are laid out group element first: channel = element · fields + field.
 */
import { arange, tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { type Group, transform } from "./group.ts";

/** positions[g][y]: the flat index in a k×k kernel of the tap that g moves to index y. */
function positions(group: Group, kernel: number): number[][] {
  return tidy(() => {
    const indices = arange(0, kernel * kernel).reshape([kernel, kernel]);
    return group.elements.map((element) => transform(indices, element).numbers());
  });
}

/**
 * Where each tap of the expanded bank comes from, for a filter on `inputs` = 1 (an image: the lifting layer) or
 * |G| (regular fields) group channels.
 *
 * @returns indices (|G| · inputs · k²) into the base filter's (inputs · k²) taps
 */
export function tapIndex(group: Group, inputs: number, kernel: number): Tensor {
  const taps = kernel * kernel;
  const index: number[] = [];
  const sources = positions(group, kernel);
  for (let g = 0; g < group.order; g++) {
    for (let h = 0; h < inputs; h++) {
      // Filter g is the base filter moved by g: its channel h is the base's channel g⁻¹h, its kernel transformed.
      const channel = inputs === 1 ? 0 : group.product[group.inverse[g]!]![h]!;
      for (const source of sources[g]!) index.push(channel * taps + source);
    }
  }
  return tensor(BigInt64Array.from(index, BigInt));
}

/**
 * Expands a base filter. weight (O, I, inputs, k, k), index from `tapIndex` → (|G| O, inputs I, k, k),
 * group elements first among output and input channels.
 */
export function expandFilters(weight: Tensor, index: Tensor, order: number): Tensor {
  const [fields, inputFields, inputs, kernel] = weight.shape as [number, number, number, number];
  const taps = inputs * kernel * kernel;
  // Taps are the first axis when they are selected, so that whole rows are copied (and their gradients added).
  return weight
    .permute([2, 3, 4, 0, 1])
    .reshape([taps, fields * inputFields])
    .indexSelect(0, index) // (|G| taps, O I)
    .reshape([order, inputs, kernel, kernel, fields, inputFields])
    .permute([0, 4, 1, 5, 2, 3])
    .reshape([order * fields, inputs * inputFields, kernel, kernel]);
}
