/** Operators over whole dimensions. */
import type { Call, Form } from "../call.ts";

/** The axes to reduce, from 0; all if none is given. */
function axesOf(call: Call): number[] {
  const dims = call.shape("self").length;
  const given = call.numbers("dim", []);
  const axes = given.length === 0 ? Array.from({ length: dims }, (_, k) => k) : given;
  return axes.map((axis) => call.axis(axis, dims));
}

/** A reduction whose axes are an attribute. */
const reduction =
  (type: string): Form =>
  (call) =>
    call.graph.node(type, [call.tensor("self", call.result.dtype)], {
      axes: { ints: axesOf(call) },
      keepdims: { int: Number(call.flag("keepdim")) },
    });

/** ReduceSum alone takes its axes as an input. */
const sum: Form = (call) =>
  call.graph.node("ReduceSum", [call.tensor("self", call.result.dtype), call.graph.sizes(axesOf(call))], {
    keepdims: { int: Number(call.flag("keepdim")) },
  });

const softmax =
  (type: string): Form =>
  (call) =>
    call.graph.node(type, [call.tensor("self", call.result.dtype)], {
      axis: { int: call.axis(call.number("dim"), call.result.shape.length) },
    });

/** Values in order along an axis, and where they were. */
function ordered(call: Call, count: number, axis: number, largest: boolean): string[] {
  const inputs = [call.tensor("self"), call.graph.sizes([count])];
  return call.graph.nodes(
    "TopK",
    inputs,
    { axis: { int: axis }, largest: { int: Number(largest) }, sorted: { int: 1 } },
    2,
  );
}

const sort: Form = (call) => {
  const { shape } = call.result;
  const axis = call.axis(call.number("dim", -1), shape.length);
  const count = shape[axis]!;
  if (typeof count !== "number") throw call.error("it sorts along the batch");
  return ordered(call, count, axis, call.flag("descending"));
};

const topk: Form = (call) => {
  const axis = call.axis(call.number("dim", -1), call.result.shape.length);
  return ordered(call, call.number("k"), axis, call.flag("largest", true));
};

const norm: Form = (call) => {
  if (call.number("ord", 2) !== 2) throw call.error("only the 2-norm is written");
  return reduction("ReduceL2")(call);
};

export const reductions: Readonly<Record<string, Form>> = {
  "aten::sum": sum,
  "aten::sum.dim_IntList": sum,
  "aten::mean": reduction("ReduceMean"),
  "aten::mean.dim": reduction("ReduceMean"),
  "aten::amax": reduction("ReduceMax"),
  "aten::amin": reduction("ReduceMin"),
  "aten::logsumexp": reduction("ReduceLogSumExp"),
  "aten::linalg_vector_norm": norm,
  "aten::softmax.int": softmax("Softmax"),
  "aten::log_softmax.int": softmax("LogSoftmax"),
  "aten::cumsum": (call) => {
    const axis = call.axis(call.number("dim"), call.result.shape.length);
    return call.graph.node("CumSum", [
      call.tensor("self", call.result.dtype),
      call.graph.scalar(axis, "int32"),
    ]);
  },
  "aten::sort": sort,
  "aten::topk": topk,
};
