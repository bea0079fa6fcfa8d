/** An ONNX graph in memory, and what adds to it. */
import { bytesOf, type DType, type TypedArray } from "../torch/dtype.ts";
import type { Size } from "./any-batch.ts";

export type Attribute =
  | { int: number }
  | { float: number }
  | { text: string }
  | { ints: readonly number[] }
  | { floats: readonly number[] };

/** One operator of a graph. */
export interface Node {
  /** ONNX's name of the operator. */
  type: string;
  /** Names of tensors; empty for an optional one that is left out. */
  inputs: string[];
  /** Names of the tensors that it makes. */
  outputs: string[];
  /** Its settings. */
  attributes: Readonly<Record<string, Attribute>>;
}

/** A tensor of fixed values. */
export interface Initializer {
  /** Its name. */
  name: string;
  /** Its type. */
  dtype: DType;
  /** Its shape. */
  shape: readonly number[];
  /** Row-major, little-endian. */
  bytes: Uint8Array;
}

/** A tensor that goes in or comes out. */
export interface Port {
  /** Its name. */
  name: string;
  /** Its type. */
  dtype: DType;
  /** null leaves it to the engine. */
  shape: readonly Size[] | null;
}

/** A computation in ONNX's operators. */
export interface Graph {
  /** Its name. */
  name: string;
  /** What comes in. */
  inputs: Port[];
  /** What goes out. */
  outputs: Port[];
  /** Its operators, each after those that it needs. */
  nodes: Node[];
  /** Its constants, by name. */
  initializers: Map<string, Initializer>;
}

/** Adds nodes to a graph in their order. */
export class GraphBuilder {
  readonly graph: Graph;
  private readonly scalars = new Map<string, string>();
  private readonly named = new Map<object, string>();
  private count = 0;

  constructor(name: string) {
    this.graph = { name, inputs: [], outputs: [], nodes: [], initializers: new Map() };
  }

  /** A node with one output, whose name is returned. */
  node(type: string, inputs: readonly string[], attributes: Node["attributes"] = {}): string {
    return this.nodes(type, inputs, attributes, 1)[0]!;
  }

  /** A node with several outputs. */
  nodes(type: string, inputs: readonly string[], attributes: Node["attributes"], outputs: number): string[] {
    const number = this.count++;
    const names = Array.from({ length: outputs }, (_, k) =>
      outputs === 1 ? `${type}_${number}` : `${type}_${number}_${k}`,
    );
    this.graph.nodes.push({ type, inputs: [...inputs], outputs: names, attributes });
    return names;
  }

  /** Fixed values; the same `data` becomes one tensor. */
  constant(data: TypedArray, shape: readonly number[], dtype: DType): string {
    const known = this.named.get(data);
    if (known !== undefined) return known;
    const name = `constant_${this.graph.initializers.size}`;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    if (bytes.length !== shape.reduce((product, size) => product * size, bytesOf[dtype]))
      throw new TypeError(`constant: ${data.length} values of ${dtype} don't fill shape [${shape}]`);
    this.graph.initializers.set(name, { name, dtype, shape, bytes });
    this.named.set(data, name);
    return name;
  }

  /** A number without dimensions. */
  scalar(value: number, dtype: DType): string {
    const key = `${dtype} ${Object.is(value, -0) ? "-0" : value}`;
    const known = this.scalars.get(key);
    if (known !== undefined) return known;
    const name = this.constant(arrayOf(dtype, [value]), [], dtype);
    this.scalars.set(key, name);
    return name;
  }

  /** Sizes, axes or positions, which ONNX takes as int64. */
  sizes(values: readonly number[]): string {
    const key = `sizes ${values}`;
    const known = this.scalars.get(key);
    if (known !== undefined) return known;
    const name = this.constant(BigInt64Array.from(values, BigInt), [values.length], "int64");
    this.scalars.set(key, name);
    return name;
  }
}

function arrayOf(dtype: DType, values: readonly number[]): TypedArray {
  if (dtype === "float32") return Float32Array.from(values);
  if (dtype === "float64") return Float64Array.from(values);
  if (dtype === "int32") return Int32Array.from(values);
  if (dtype === "int64") return BigInt64Array.from(values, (value) => BigInt(Math.trunc(value)));
  if (dtype === "bool" || dtype === "uint8") return Uint8Array.from(values);
  if (dtype === "int8") return Int8Array.from(values);
  throw new TypeError(`scalar: no ONNX constant of ${dtype}`);
}
