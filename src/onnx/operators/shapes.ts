/** Operators that move values, and compute nothing. */
import { type AnyArgument, OfBatch } from "../any-batch.ts";
import type { Call, Form } from "../call.ts";

/** As far as an axis goes. */
const END = 2 ** 31 - 1;

const reshape: Form = (call) => call.reshaped(call.tensor("self"));
const same: Form = (call) => call.tensor("self");

function sliced(call: Call, dim: number, start: number, end: number, step = 1): string {
  const axis = call.axis(dim, call.shape("self").length);
  const sizes = [start, end, axis, step].map((value) => call.graph.sizes([value]));
  return call.graph.node("Slice", [call.tensor("self"), sizes[0]!, sizes[1]!, sizes[2]!, sizes[3]!]);
}

/** A place on an axis from its start; one that is counted from its end needs the axis' length. */
const slice: Form = (call) =>
  sliced(
    call,
    call.number("dim", 0),
    call.number("start", 0),
    call.has("end") ? Math.min(END, call.number("end")) : END,
    call.number("step", 1),
  );

const select: Form = (call) => {
  const index = call.number("index");
  const end = index === -1 ? END : index + 1;
  return call.reshaped(sliced(call, call.number("dim"), index, end));
};

const permuted = (call: Call, order: readonly number[]): string =>
  call.graph.node("Transpose", [call.tensor("self")], { perm: { ints: order } });

const transpose: Form = (call) => {
  const dims = call.result.shape.length;
  const [a, b] = [call.axis(call.number("dim0"), dims), call.axis(call.number("dim1"), dims)];
  const order = Array.from({ length: dims }, (_, k) => (k === a ? b : k === b ? a : k));
  return permuted(call, order);
};

const flip: Form = (call) => {
  const dims = call.result.shape.length;
  const axes = call.numbers("dims").map((axis) => call.axis(axis, dims));
  const each = (value: number) => call.graph.sizes(axes.map(() => value));
  return call.graph.node("Slice", [
    call.tensor("self"),
    each(-1),
    each(-END),
    call.graph.sizes(axes),
    each(-1),
  ]);
};

/** Tensors joined; one that has a row for all images is repeated for each. */
function joined(call: Call, tensors: readonly AnyArgument[], names: readonly string[], axis: number): string {
  const { shape, dtype } = call.result;
  const whole = tensors.map((tensor, k) => {
    const own = call.shapeOf(tensor);
    const wanted = shape.map((size, dim) => (dim === axis ? own[dim]! : size));
    return own.some((size, dim) => wanted[dim] instanceof OfBatch && !(size instanceof OfBatch))
      ? call.broadcast(names[k]!, own, wanted, dtype)
      : names[k]!;
  });
  return call.graph.node("Concat", whole, { axis: { int: axis } });
}

const cat: Form = (call) => {
  const tensors = call.given("tensors") as AnyArgument[];
  const axis = call.axis(call.number("dim", 0), call.result.shape.length);
  const names = tensors.map((tensor) => call.tensorOf(tensor, call.result.dtype));
  return tensors.length === 1 ? names[0]! : joined(call, tensors, names, axis);
};

const stack: Form = (call) => {
  const { shape, dtype } = call.result;
  const axis = call.axis(call.number("dim", 0), shape.length);
  const tensors = call.given("tensors") as AnyArgument[];
  const names = tensors.map((tensor) =>
    call.graph.node("Unsqueeze", [call.tensorOf(tensor, dtype), call.graph.sizes([axis])]),
  );
  if (tensors.some((tensor) => !call.shapeOf(tensor).some((size) => size instanceof OfBatch)))
    throw call.error("one of its tensors doesn't depend on the images");
  return call.graph.node("Concat", names, { axis: { int: axis } });
};

const indexSelect: Form = (call) => {
  const index = call.given("index");
  if (index === null || typeof index !== "object" || !("constant" in index))
    throw call.error("its index depends on the images");
  const rows = Int32Array.from(index.constant.data as ArrayLike<number | bigint>, Number);
  const axis = call.axis(call.number("dim"), call.result.shape.length);
  const name = call.graph.constant(rows, [rows.length], "int32");
  return call.graph.node("Gather", [call.tensor("self"), name], { axis: { int: axis } });
};

const split: Form = (call) => {
  const { results } = call;
  const axis = call.axis(call.number("dim", 0), call.result.shape.length);
  const sizes = results.map(({ shape }) => shape[axis]!);
  if (sizes.some((size) => typeof size !== "number")) throw call.error("it splits the batch");
  const inputs = [call.tensor("self"), call.graph.sizes(sizes as number[])];
  return call.graph.nodes("Split", inputs, { axis: { int: axis } }, results.length);
};

/** Pads of the last dimensions, the last first, each before and after, in ONNX's order. */
function padsOf(call: Call, pad: readonly number[]): number[] {
  const dims = call.result.shape.length;
  const pads = Array<number>(2 * dims).fill(0);
  for (let k = 0; k < pad.length / 2; k++) {
    pads[dims - 1 - k] = pad[2 * k]!;
    pads[2 * dims - 1 - k] = pad[2 * k + 1]!;
  }
  return pads;
}

const padding =
  (argument: string, mode: "constant" | "reflect" | "edge"): Form =>
  (call) => {
    const inputs = [call.tensor("self"), call.graph.sizes(padsOf(call, call.numbers(argument)))];
    if (mode === "constant") inputs.push(call.graph.scalar(call.number("value", 0), call.result.dtype));
    return call.graph.node("Pad", inputs, { mode: { text: mode } });
  };

export const shapes: Readonly<Record<string, Form>> = {
  "aten::reshape": reshape,
  "aten::flatten.using_ints": reshape,
  "aten::squeeze.dim": reshape,
  "aten::unsqueeze": reshape,
  "aten::contiguous": same,
  "aten::clone": same,
  "aten::detach": same,
  "aten::permute": (call) => {
    const order = call.numbers("dims");
    return permuted(
      call,
      order.map((axis) => call.axis(axis, order.length)),
    );
  },
  "aten::transpose.int": transpose,
  "aten::expand": (call) =>
    call.broadcast(call.tensor("self"), call.shape("self"), call.result.shape, call.result.dtype),
  "aten::repeat": (call) => {
    const repeats = call.numbers("repeats");
    const own = call.shape("self");
    const padded = [...Array<number>(repeats.length - own.length).fill(1), ...own];
    const name =
      padded.length === own.length ? call.tensor("self") : call.reshaped(call.tensor("self"), padded);
    return call.graph.node("Tile", [name, call.graph.sizes(repeats)]);
  },
  "aten::flip": flip,
  "aten::slice.Tensor": slice,
  "aten::select.int": select,
  "aten::narrow": (call) => {
    const start = call.number("start");
    return sliced(call, call.number("dim"), start, start + call.number("length"));
  },
  "aten::index_select": indexSelect,
  "aten::cat": cat,
  "aten::stack": stack,
  "aten::chunk": split,
  "aten::split_with_sizes": split,
  "aten::constant_pad_nd": padding("pad", "constant"),
  "aten::reflection_pad2d": padding("padding", "reflect"),
  "aten::replication_pad2d": padding("padding", "edge"),
};
