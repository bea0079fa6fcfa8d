/**
 * ONNX's file format: messages of Protocol Buffers. Names and numbers of fields are those of onnx.proto (IR version 8), of
 * which the messages below are what a graph of operators needs.
 */
import protobuf from "protobufjs/light.js";
import { OfBatch } from "./any-batch.ts";
import type { Attribute, Graph, Initializer, Port } from "./graph.ts";
import { onnxType } from "./types.ts";

const IR_VERSION = 8;
export const OPSET = 17;

const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ rule: "repeated", type, id });

/** Fields of a message by name. */
const MESSAGES = {
  ModelProto: {
    irVersion: one("int64", 1),
    producerName: one("string", 2),
    producerVersion: one("string", 3),
    docString: one("string", 6),
    graph: one("GraphProto", 7),
    opsetImport: many("OperatorSetIdProto", 8),
    metadataProps: many("StringStringEntryProto", 14),
  },
  OperatorSetIdProto: { domain: one("string", 1), version: one("int64", 2) },
  StringStringEntryProto: { key: one("string", 1), value: one("string", 2) },
  GraphProto: {
    node: many("NodeProto", 1),
    name: one("string", 2),
    initializer: many("TensorProto", 5),
    input: many("ValueInfoProto", 11),
    output: many("ValueInfoProto", 12),
  },
  NodeProto: {
    input: many("string", 1),
    output: many("string", 2),
    name: one("string", 3),
    opType: one("string", 4),
    attribute: many("AttributeProto", 5),
  },
  AttributeProto: {
    name: one("string", 1),
    f: one("float", 2),
    i: one("int64", 3),
    s: one("bytes", 4),
    floats: many("float", 7),
    ints: many("int64", 8),
    type: one("int32", 20),
  },
  TensorProto: {
    dims: many("int64", 1),
    dataType: one("int32", 2),
    name: one("string", 8),
    rawData: one("bytes", 9),
  },
  ValueInfoProto: { name: one("string", 1), type: one("TypeProto", 2) },
  TypeProto: { tensorType: one("TensorTypeProto", 1) },
  TensorTypeProto: { elemType: one("int32", 1), shape: one("TensorShapeProto", 2) },
  TensorShapeProto: { dim: many("DimensionProto", 1) },
  DimensionProto: { dimValue: one("int64", 1), dimParam: one("string", 2) },
} as const;

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(Object.entries(MESSAGES).map(([name, fields]) => [name, { fields }])),
});
const ModelProto = root.lookupType("ModelProto");

/** The name of the size that grows with the batch. */
const BATCH = "batch";

/** @param metadata texts that travel with the graph */
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

/** The metadata of a file. @throws Error when it is not ONNX */
export function onnxMetadata(bytes: Uint8Array): Record<string, string> {
  const { metadataProps = [] } = ModelProto.decode(bytes) as unknown as {
    metadataProps?: { key: string; value: string }[];
  };
  return Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
}

const portMessage = ({ name, dtype, shape }: Port) => ({
  name,
  type: {
    tensorType: {
      elemType: onnxType(dtype),
      shape: {
        dim: shape.map((size) =>
          size instanceof OfBatch ? { dimParam: batchName(size) } : { dimValue: size },
        ),
      },
    },
  },
});

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
