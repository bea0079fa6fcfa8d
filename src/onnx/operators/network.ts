/** The operators that networks are made of. */
import type { Call, Form } from "../call.ts";

const conv2d: Form = (call) => {
  const weight = call.shape("weight");
  const [down, across] = pair(call.numbers("padding", [0]));
  const inputs = [call.tensor("input"), call.tensor("weight")];
  if (call.has("bias")) inputs.push(call.tensor("bias"));
  return call.graph.node("Conv", inputs, {
    kernel_shape: { ints: weight.slice(2) as number[] },
    strides: { ints: pair(call.numbers("stride", [1])) },
    pads: { ints: [down, across, down, across] },
    dilations: { ints: pair(call.numbers("dilation", [1])) },
    group: { int: call.number("groups", 1) },
  });
};

const pair = (values: readonly number[]): readonly [number, number] => [values[0]!, values[1] ?? values[0]!];

/** x Wᵀ + b: of matrices by Gemm, of more dimensions by MatMul. */
const linear: Form = (call) => {
  const { graph } = call;
  const bias = call.has("bias") ? [call.tensor("bias")] : [];
  if (call.shape("input").length === 2)
    return graph.node("Gemm", [call.tensor("input"), call.tensor("weight"), ...bias], { transB: { int: 1 } });
  const product = graph.node("MatMul", [call.tensor("input"), turned(call)]);
  return bias.length === 0 ? product : graph.node("Add", [product, bias[0]!]);
};

/** The weight (O, I) as (I, O). */
function turned(call: Call): string {
  const fixed = call.constant("weight");
  if (fixed === null)
    return call.graph.node("Transpose", [call.tensor("weight")], { perm: { ints: [1, 0] } });
  const [outputs, inputs] = fixed.shape as [number, number];
  const data = new Float32Array(fixed.data.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) data[i * outputs + o] = fixed.data[o * inputs + i]!;
  return call.graph.constant(data, [inputs, outputs], "float32");
}

const batchNorm: Form = (call) => {
  if (call.flag("training")) throw call.error("a norm in training moves its statistics");
  const parts = ["weight", "bias", "running_mean", "running_var"];
  if (parts.some((part) => !call.has(part))) throw call.error("it has no weight, bias or statistics");
  return call.graph.node(
    "BatchNormalization",
    [call.tensor("input"), ...parts.map((part) => call.tensor(part))],
    {
      epsilon: { float: call.number("eps") },
    },
  );
};

const layerNorm: Form = (call) =>
  call.graph.node("LayerNormalization", [call.tensor("input"), call.tensor("weight"), call.tensor("bias")], {
    axis: { int: -call.numbers("normalized_shape").length },
    epsilon: { float: call.number("eps", 1e-5) },
  });

const pooling = (call: Call) => {
  const kernel = pair(call.numbers("kernel_size"));
  const stride = call.numbers("stride", []);
  const [down, across] = pair(call.numbers("padding", [0]));
  return {
    kernel_shape: { ints: kernel },
    strides: { ints: stride.length === 0 ? kernel : pair(stride) },
    pads: { ints: [down, across, down, across] },
    ceil_mode: { int: Number(call.flag("ceil_mode")) },
  };
};

const avgPool: Form = (call) => {
  if (call.has("divisor_override")) throw call.error("its divisor is not written");
  const counted = call.flag("count_include_pad", true);
  const attributes = pooling(call);
  if (counted && call.flag("ceil_mode"))
    throw call.error("engines differ on windows beyond the edge that count");
  return call.graph.node("AveragePool", [call.tensor("self")], {
    ...attributes,
    count_include_pad: { int: Number(counted) },
  });
};

/** Means of equal windows: as average pooling if the size divides the map's. */
const adaptiveAvgPool: Form = (call) => {
  const size = call.numbers("output_size");
  const map = call.shape("self").slice(2) as number[];
  const window = map.map((side, k) => side / size[k]!);
  if (window.some((side) => !Number.isInteger(side))) throw call.error("its windows are of different sizes");
  const ints = { ints: window };
  return call.graph.node("AveragePool", [call.tensor("self")], { kernel_shape: ints, strides: ints });
};

const maxPool: Form = (call) => {
  if (call.numbers("dilation", [1]).some((by) => by !== 1)) throw call.error("dilation is not written");
  return call.graph.node("MaxPool", [call.tensor("self")], pooling(call));
};

const resize =
  (mode: "linear" | "cubic"): Form =>
  (call) => {
    if (call.flag("align_corners")) throw call.error("only pixel centres at half-integers are written");
    const [from, to] = [call.shape("self"), call.result.shape];
    const scales = to.map((size, k) => (k < 2 ? 1 : (size as number) / (from[k] as number)));
    const name = call.graph.constant(Float32Array.from(scales), [4], "float32");
    return call.graph.node("Resize", [call.tensor("self"), "", name], {
      mode: { text: mode },
      coordinate_transformation_mode: { text: "half_pixel" },
      cubic_coeff_a: { float: -0.75 },
    });
  };

export const network: Readonly<Record<string, Form>> = {
  "aten::conv2d": conv2d,
  "aten::linear": linear,
  "aten::matmul": (call) => call.graph.node("MatMul", [call.tensor("self"), call.tensor("other")]),
  "aten::batch_norm": batchNorm,
  "aten::layer_norm": layerNorm,
  "aten::max_pool2d": maxPool,
  "aten::avg_pool2d": avgPool,
  "aten::adaptive_avg_pool2d": adaptiveAvgPool,
  "aten::upsample_bilinear2d": resize("linear"),
  "aten::upsample_bicubic2d": resize("cubic"),
  "aten::prelu": (call) => call.graph.node("PRelu", [call.tensor("self"), slopes(call)]),
};

/** One slope for each channel, along the second dimension. */
function slopes(call: Call): string {
  const [count] = call.shape("weight") as [number];
  const after = Math.max(0, call.shape("self").length - 2);
  return count === 1
    ? call.tensor("weight")
    : call.reshaped(call.tensor("weight"), [count, ...Array<number>(after).fill(1)]);
}
