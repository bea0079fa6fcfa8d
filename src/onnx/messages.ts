/**
 * ONNX's file format: messages of Protocol Buffers. Names and numbers of fields are those of onnx.proto (IR version 8), of
 * which these messages are what a graph of operators needs. Pages in a browser use this file too.
 */
import protobuf from "protobufjs/light.js";

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
export const ModelProto = root.lookupType("ModelProto");

/** The metadata of a file. @throws Error when it is not ONNX */
export function onnxMetadata(bytes: Uint8Array): Record<string, string> {
  const { metadataProps = [] } = ModelProto.decode(bytes) as unknown as {
    metadataProps?: { key: string; value: string }[];
  };
  return Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
}
