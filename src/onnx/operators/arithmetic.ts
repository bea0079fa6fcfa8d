/** Operators that work element by element. */
import type { DType } from "../../torch/dtype.ts";
import type { Call, Form } from "../call.ts";

const floating = (dtype: DType) => dtype === "float32" || dtype === "float64";

/** f(self) by one node. */
const unary =
  (type: string): Form =>
  (call) =>
    call.graph.node(type, [call.tensor("self", call.result.dtype)]);

/** f(self, other) by one node. */
const binary =
  (type: string): Form =>
  (call) => {
    const { dtype } = call.result;
    return call.graph.node(type, [call.tensor("self", dtype), call.tensor("other", dtype)]);
  };

/** self + alpha other, or self − alpha other. */
const scaled =
  (type: "Add" | "Sub"): Form =>
  (call) => {
    const { dtype } = call.result;
    const alpha = call.number("alpha", 1);
    const other = call.tensor("other", dtype);
    const term = alpha === 1 ? other : call.graph.node("Mul", [other, call.graph.scalar(alpha, dtype)]);
    return call.graph.node(type, [call.tensor("self", dtype), term]);
  };

/** The type in which two operands are compared: a number takes the tensor's. */
function comparedAs(call: Call): DType {
  const [a, b] = [call.dtypeOf(call.given("self")), call.dtypeOf(call.given("other"))];
  if (a === b || b === undefined) return a!;
  if (a === undefined) return b;
  return a === "float64" || !floating(b) ? a : b;
}

const comparison =
  (type: string, negated = false): Form =>
  (call) => {
    const dtype = comparedAs(call);
    const made = call.graph.node(type, [call.tensor("self", dtype), call.tensor("other", dtype)]);
    return negated ? call.graph.node("Not", [made]) : made;
  };

const logical =
  (type: string): Form =>
  (call) =>
    call.graph.node(type, [call.tensor("self", "bool"), call.tensor("other", "bool")]);

/** One number of the result's type. */
const like = (call: Call, value: number) => call.graph.scalar(value, call.result.dtype);

const clamp: Form = (call) => {
  const { dtype } = call.result;
  const bound = (name: string) => (call.has(name) ? call.tensor(name, dtype) : "");
  return call.graph.node("Clip", [call.tensor("self", dtype), bound("min"), bound("max")]);
};

/** x Φ(x), exactly: Φ by the error function. */
const gelu: Form = (call) => {
  if (call.has("approximate") && call.given("approximate") !== "none")
    throw call.error("only the exact form is written");
  const { graph } = call;
  const x = call.tensor("self");
  const erf = graph.node("Erf", [graph.node("Div", [x, like(call, Math.SQRT2)])]);
  const doubled = graph.node("Mul", [x, graph.node("Add", [erf, like(call, 1)])]);
  return graph.node("Mul", [doubled, like(call, 0.5)]);
};

const silu: Form = (call) => {
  const x = call.tensor("self");
  return call.graph.node("Mul", [x, call.graph.node("Sigmoid", [x])]);
};

/** −log(1 + e⁻ˣ) */
const logSigmoid: Form = (call) => {
  const { graph } = call;
  return graph.node("Neg", [graph.node("Softplus", [graph.node("Neg", [call.tensor("self")])])]);
};

const softplus: Form = (call) => {
  if (call.number("beta", 1) !== 1) throw call.error("only β = 1 is written");
  return call.graph.node("Softplus", [call.tensor("self")]);
};

const elu: Form = (call) => {
  if (call.number("scale", 1) !== 1 || call.number("input_scale", 1) !== 1)
    throw call.error("only its plain form is written");
  return call.graph.node("Elu", [call.tensor("self")], { alpha: { float: call.number("alpha", 1) } });
};

const lerp: Form = (call) => {
  const { graph } = call;
  const { dtype } = call.result;
  const [from, to] = [call.tensor("self", dtype), call.tensor("end", dtype)];
  const way = graph.node("Mul", [graph.node("Sub", [to, from]), call.tensor("weight", dtype)]);
  return graph.node("Add", [from, way]);
};

const divide: Form = (call) => {
  if (call.has("rounding_mode")) throw call.error("rounding is not written");
  const { dtype } = call.result;
  return call.graph.node("Div", [call.tensor("self", dtype), call.tensor("other", dtype)]);
};

const cast: Form = (call) => call.tensor("self", call.result.dtype);

export const arithmetic: Readonly<Record<string, Form>> = {
  "aten::neg": unary("Neg"),
  "aten::abs": unary("Abs"),
  "aten::sqrt": unary("Sqrt"),
  "aten::exp": unary("Exp"),
  "aten::log": unary("Log"),
  "aten::sin": unary("Sin"),
  "aten::cos": unary("Cos"),
  "aten::atan": unary("Atan"),
  "aten::atanh": unary("Atanh"),
  "aten::asinh": unary("Asinh"),
  "aten::sign": unary("Sign"),
  "aten::floor": unary("Floor"),
  "aten::round": unary("Round"),
  "aten::reciprocal": unary("Reciprocal"),
  "aten::sigmoid": unary("Sigmoid"),
  "aten::tanh": unary("Tanh"),
  "aten::relu": unary("Relu"),
  "aten::erf": unary("Erf"),
  "aten::isnan": (call) => call.graph.node("IsNaN", [call.tensor("self")]),
  "aten::rsqrt": (call) => call.graph.node("Reciprocal", [unary("Sqrt")(call) as string]),
  "aten::square": (call) => call.graph.node("Mul", [call.tensor("self"), call.tensor("self")]),
  "aten::log1p": (call) =>
    call.graph.node("Log", [call.graph.node("Add", [call.tensor("self"), like(call, 1)])]),
  "aten::add.Tensor": scaled("Add"),
  "aten::sub.Tensor": scaled("Sub"),
  "aten::rsub.Scalar": (call) => {
    if (call.number("alpha", 1) !== 1) throw call.error("only alpha = 1 is written");
    const { dtype } = call.result;
    return call.graph.node("Sub", [call.tensor("other", dtype), call.tensor("self", dtype)]);
  },
  "aten::mul.Tensor": binary("Mul"),
  "aten::div.Tensor": divide,
  "aten::maximum": binary("Max"),
  "aten::minimum": binary("Min"),
  "aten::pow.Tensor_Scalar": (call) =>
    call.graph.node("Pow", [call.tensor("self"), call.tensor("exponent", call.result.dtype)]),
  "aten::pow.Tensor_Tensor": (call) =>
    call.graph.node("Pow", [call.tensor("self"), call.tensor("exponent", call.result.dtype)]),
  "aten::clamp": clamp,
  "aten::lerp.Tensor": lerp,
  "aten::lerp.Scalar": lerp,
  "aten::leaky_relu": (call) =>
    call.graph.node("LeakyRelu", [call.tensor("self")], {
      alpha: { float: call.number("negative_slope", 0.01) },
    }),
  "aten::elu": elu,
  "aten::gelu": gelu,
  "aten::silu": silu,
  "aten::log_sigmoid": logSigmoid,
  "aten::softplus": softplus,
  "aten::eq.Tensor": comparison("Equal"),
  "aten::ne.Tensor": comparison("Equal", true),
  "aten::lt.Tensor": comparison("Less"),
  "aten::le.Tensor": comparison("LessOrEqual"),
  "aten::gt.Tensor": comparison("Greater"),
  "aten::ge.Tensor": comparison("GreaterOrEqual"),
  "aten::logical_and": logical("And"),
  "aten::logical_or": logical("Or"),
  "aten::logical_not": (call) => call.graph.node("Not", [call.tensor("self", "bool")]),
  "aten::where.self": (call) => {
    const { dtype } = call.result;
    return call.graph.node("Where", [
      call.tensor("condition"),
      call.tensor("self", dtype),
      call.tensor("other", dtype),
    ]);
  },
  "aten::masked_fill.Scalar": (call) =>
    call.graph.node("Where", [
      call.tensor("mask"),
      call.tensor("value", call.result.dtype),
      call.tensor("self"),
    ]),
  "aten::to.dtype": cast,
  "aten::to.dtype_layout": cast,
  "aten::zeros_like": (call) => call.graph.node("Mul", [call.tensor("self"), like(call, 0)]),
  "aten::ones_like": (call) =>
    call.graph.node("Add", [call.graph.node("Mul", [call.tensor("self"), like(call, 0)]), like(call, 1)]),
};
