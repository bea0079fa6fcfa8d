/** Computations written down as ONNX graphs, and graphs run by ONNX Runtime. */
export { type AnyTrace, OfBatch, traceOfAnyBatch } from "./any-batch.ts";
export type { Graph, Initializer, Node, Port } from "./graph.ts";
export { graphOf } from "./lowering.ts";
export { onnxMetadata } from "./messages.ts";
export { OPSET, onnxBytes } from "./protobuf.ts";
export { type Floats, hasRuntime, OnnxSession } from "./runtime.ts";
