import { expect, test } from "vitest";
import { call } from "../../src/torch/call.ts";
import { ones, tensor, zeros } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { inChild } from "./child.ts";

/** Calls that would end the process if they reached libtorch, and what the door says instead. */
const DEADLY: [call: string, message: RegExp][] = [
  [
    `"aten::pixel_shuffle", x([1, 4, 2, 2]), 0`,
    /^aten::pixel_shuffle: upscale_factor: must be from 1 to 2\^31/,
  ],
  [`"aten::pixel_shuffle", x([1, 4, 2, 2]), 2 ** 40`, /upscale_factor: must be/],
  [`"aten::native_channel_shuffle", x([1, 4, 2, 2]), 0`, /groups: must be/],
  [`"aten::native_channel_shuffle", x([1, 1, 1]), 2`, /groups: must be a divisor of the channels/],
  [`"aten::native_group_norm", x([2, 4, 3]), null, null, 2, 4, 3, 0, 1e-5`, /group: must be from 1/],
  [`"aten::native_group_norm", x([2, 4, 3]), null, null, 2, 4, 999, 2, 1e-5`, /input: must be .*N x C x HxW/],
  [`"aten::channel_shuffle", x([2, 0, 3, 3]), 1`, /self: must be of shape .* and not empty/],
  [`"aten::align_tensors", []`, /tensors: must be a list of at least one/],
  [`"aten::align_to.ellipsis_idx", x([2]), [], 2 ** 62`, /ellipsis_idx: must be a place in order/],
  [
    `"aten::rrelu_with_noise", x([3]), x([0]), 0, 1, true`,
    /noise: must be a contiguous tensor of self's shape/,
  ],
  [`"aten::rrelu_with_noise_", x([9]), x([1]).expand([9]), 0, 1, true`, /noise: must be a contiguous/],
  [`"aten::histogramdd", x([5, 3]), []`, /bins: must be a positive number for each/],
  [
    `"aten::native_batch_norm", x([4, 3]), null, null, null, null, false, 0.1, 1e-5`,
    /running_mean: must be given/,
  ],
  [
    `"aten::native_batch_norm", x([4, 3]), x([2]), null, null, null, true, 0.1, 1e-5`,
    /weight: must be a floating/,
  ],
  [`"aten::batch_norm_update_stats", x([0, 3]), null, null, 0.1`, /input: must be .*not empty/],
  [
    `"aten::lu_unpack", x([2, 2]), torch.tensor([1, 9], [2], { dtype: "int32" })`,
    /LU_pivots: must be int32 of shape/,
  ],
  [`"aten::smooth_l1_loss_backward", n, n, n, 1, 0.5`, /self: must be of a floating dtype/],
  [`"aten::sum_to_size", torch.ones([0, 2]), [0, -(2 ** 62)]`, /size: must be of non-negative integers/],
  [`"aten::_local_scalar_dense", x([0])`, /self: must be a tensor of one value/],
  [`"aten::_stack", []`, /tensors: must be a list of at least one/],
  [`"aten::_weight_norm", x([4, 4]), x([1, 4]), 0`, /g: must be of v's dtype/],
  [`"aten::matrix_exp_backward", x([]), x([1])`, /is an internal part of another operator/],
  [`"aten::slow_conv3d", x([2, 3]), x([2, 0]), [1, 1, 1], null, [0, 0, 0]`, /is an internal part/],
  [`"aten::_fft_c2r", x([3, 3]), [2 ** 40, 3], 1, 2`, /is an internal part/],
];

test("calls that would divide by zero or read beyond memory are refused before libtorch sees them", () => {
  const messages = inChild(`
    const x = (shape) => torch.ones(shape);
    const n = torch.ones([2], { dtype: "int64" });
    const messages = [];
    for (const args of [${DEADLY.map(([args]) => `() => torch.call(${args})`).join(", ")}]) {
      try { torch.tidy(args); messages.push("nothing was thrown"); } catch (error) { messages.push(error.message); }
    }
    console.log(JSON.stringify(messages));`) as string[];
  for (const [k, [, message]] of DEADLY.entries()) expect(messages[k]).toMatch(message);
  expect(messages).toHaveLength(DEADLY.length);
});

test("the guarded operators work when the values make sense", () => {
  tidy(() => {
    const shuffled = call("aten::pixel_shuffle", tensor([1, 2, 3, 4], [1, 4, 1, 1]), 2) as Tensor;
    expect([shuffled.shape, shuffled.numbers()]).toEqual([[1, 1, 2, 2], [1, 2, 3, 4]]); // biome-ignore format: a shape and its values
    const channels = call("aten::channel_shuffle", tensor([1, 2, 3, 4], [1, 4, 1, 1]), 2) as Tensor;
    expect(channels.numbers()).toEqual([1, 3, 2, 4]);
    const [y, mean] = call("aten::native_batch_norm", tensor([[1, 2], [3, 6]]), null, null, null, null, true, 0, 0) as Tensor[]; // biome-ignore format: a matrix
    expect([y!.numbers(), mean!.numbers()]).toEqual([[-1, -1, 1, 1], [2, 4]]); // biome-ignore format: two lists
    const matrix = tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
    const [lu, pivots] = call("aten::linalg_lu_factor", matrix) as [Tensor, Tensor];
    const [p, lower, upper] = call("aten::lu_unpack", lu, pivots) as [Tensor, Tensor, Tensor];
    expect(p.matmul(lower).matmul(upper).numbers()).toEqual(matrix.numbers());
    const [counts] = call("aten::histogramdd", tensor([[0, 0], [1, 1]]), [2, 2]) as [Tensor]; // biome-ignore format: a matrix
    expect(counts.numbers()).toEqual([1, 0, 0, 1]);
    const [bounded] = [call("aten::rrelu_with_noise", tensor([-1, 2]), zeros([2]), 0.5, 0.5, true) as Tensor];
    expect(bounded.numbers()).toEqual([-0.5, 2]);
    const [grouped] = call("aten::native_group_norm", tensor([[1, 3, 5, 9]]), null, null, 1, 4, 1, 2, 0) as [
      Tensor,
    ];
    expect(grouped.numbers()).toEqual([-1, 1, -1, 1]);
    const norm = call("aten::_weight_norm", tensor([[3, 4]]), tensor([[10]]), 0) as Tensor;
    expect(norm.numbers()).toEqual([6, 8]);
    expect(call("aten::_local_scalar_dense", ones([1]))).toBe(1);
  });
});
