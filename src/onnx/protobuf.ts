/** A graph as the bytes of an ONNX file. */
import { OfBatch, type Size } from "./any-batch.ts";
import type { Attribute, Graph, Initializer, Port } from "./graph.ts";
import { ModelProto } from "./messages.ts";
import { onnxType } from "./types.ts";

const IR_VERSION = 8;

/** The version of ONNX's operators that graphs are written in. */
export const OPSET = 17;

/** The name of the size that grows with the batch. */
const BATCH = "batch";

/**
 * The bytes of an ONNX file.
 *
 * @param metadata texts that travel with the graph
 */
export function onnxBytes(
  graph: Graph,
  producer: { name: string; version: string; description: string },
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const message = {
    irVersion: IR_VERSION,
    producerName: producer.name,
    producerVersion: producer.version,
    docString: producer.description,
    opsetImport: [{ domain: "", version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      input: graph.inputs.map(portMessage),
      output: graph.outputs.map(portMessage),
      initializer: [...graph.initializers.values()].map(tensorMessage),
      node: graph.nodes.map(({ type, inputs, outputs, attributes }) => ({
        input: inputs,
        output: outputs,
        name: outputs[0],
        opType: type,
        attribute: Object.entries(attributes).map(attributeMessage),
      })),
    },
  };
  return ModelProto.encode(message as never).finish();
}

const portMessage = ({ name, dtype, shape }: Port) => ({
  name,
  type: {
    tensorType: {
      elemType: onnxType(dtype),
      ...(shape && { shape: { dim: shape.map(dimension) } }),
    },
  },
});

const dimension = (size: Size) =>
  size instanceof OfBatch ? { dimParam: batchName(size) } : { dimValue: size };

const batchName = ({ each }: OfBatch) => (each === 1 ? BATCH : `${each}*${BATCH}`);

const tensorMessage = ({ name, dtype, shape, bytes }: Initializer) => ({
  name,
  dims: [...shape],
  dataType: onnxType(dtype),
  rawData: bytes,
});

/** Types of attributes by ONNX's numbers (AttributeProto.AttributeType). */
function attributeMessage([name, value]: [string, Attribute]) {
  if ("int" in value) return { name, type: 2, i: value.int };
  if ("float" in value) return { name, type: 1, f: value.float };
  if ("text" in value) return { name, type: 3, s: new TextEncoder().encode(value.text) };
  if ("ints" in value) return { name, type: 7, ints: [...value.ints] };
  return { name, type: 6, floats: [...value.floats] };
}
