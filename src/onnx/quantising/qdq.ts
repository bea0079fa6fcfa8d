/**
 * A graph in 8 bits, in ONNX's QDQ form: each tensor of the plan is followed by QuantizeLinear and DequantizeLinear, which an
 * engine merges with the operators between them. Weights and biases are stored as integers.
 */
import type { Graph, Initializer, Node } from "../graph.ts";
import type { QuantisingPlan } from "./plan.ts";
import {
  bestScale,
  type Histogram,
  integerBias,
  integerWeights,
  type Scale,
  type WeightBits,
} from "./scale.ts";

export function quantised(
  graph: Graph,
  plan: QuantisingPlan,
  histograms: ReadonlyMap<string, Histogram>,
  weightBits: WeightBits = 8,
): Graph {
  const writer = new Quantiser(graph, plan, histograms, weightBits);
  return writer.graph();
}

class Quantiser {
  private readonly source: Graph;
  private readonly plan: QuantisingPlan;
  private readonly weightBits: WeightBits;
  private readonly scales = new Map<string, Scale>();
  private readonly nodes: Node[] = [];
  private readonly initializers = new Map<string, Initializer>();

  constructor(
    source: Graph,
    plan: QuantisingPlan,
    histograms: ReadonlyMap<string, Histogram>,
    weightBits: WeightBits,
  ) {
    this.source = source;
    this.plan = plan;
    this.weightBits = weightBits;
    for (const name of plan.tensors) this.scales.set(name, bestScale(histograms.get(name)!));
    for (const [name, like] of plan.sameAs) this.scales.set(name, this.scales.get(like)!);
  }

  graph(): Graph {
    const { source, plan } = this;
    for (const { name } of source.inputs) this.carry(name);
    for (const node of source.nodes) {
      const inputs = node.inputs.map((name) => (this.isCarried(node, name) ? carried(name) : name));
      if (plan.convolutions.includes(node)) inputs.splice(1, 2, ...this.weights(node));
      this.nodes.push({ ...node, inputs });
      for (const name of node.outputs) this.carry(name);
    }
    const used = new Set(this.nodes.flatMap(({ inputs }) => inputs));
    for (const [name, value] of source.initializers) if (used.has(name)) this.initializers.set(name, value);
    return { ...source, nodes: this.nodes, initializers: this.initializers };
  }

  /** Whether a node takes that input through 8 bits. */
  private isCarried({ type }: Node, name: string): boolean {
    const { tensors, sums } = this.plan;
    return tensors.has(name) && !(sums.has(name) && ["Add", "ReduceMean"].includes(type));
  }

  /** A tensor of the plan through 8 bits. */
  private carry(name: string): void {
    const own = this.scales.get(name);
    if (own === undefined) return;
    const scale = this.add(`${name}_scale`, "float32", [], Float32Array.of(own.scale));
    const zero = this.add(`${name}_zero`, "uint8", [], Uint8Array.of(own.zero));
    this.nodes.push({
      type: "QuantizeLinear",
      inputs: [name, scale, zero],
      outputs: [`${name}_8`],
      attributes: {},
    });
    this.nodes.push({
      type: "DequantizeLinear",
      inputs: [`${name}_8`, scale, zero],
      outputs: [carried(name)],
      attributes: {},
    });
  }

  /** A convolution's weight and bias as integers; convolutions that share a weight get one each. @returns their names */
  private weights({ inputs: [input, weight, bias = ""], outputs: [result] }: Node): string[] {
    const stored = this.source.initializers.get(weight!)!;
    const outputs = stored.shape[0]!;
    const scale = this.scales.get(input!)!;
    const own = `${result}_weight`;
    const values = floatsOf(stored);
    const biases = bias === "" ? null : floatsOf(this.source.initializers.get(bias)!);
    const integers = integerWeights(values, outputs, scale, biases, this.weightBits);
    const scales = this.add(`${own}_scale`, "float32", [outputs], integers.scales);
    const zeros = this.add(`${own}_zero`, "int8", [outputs], new Int8Array(outputs));
    const stored8 = this.add(`${own}_8`, "int8", stored.shape, integers.values);
    const axis = { axis: { int: 0 } };
    this.nodes.push({
      type: "DequantizeLinear",
      inputs: [stored8, scales, zeros],
      outputs: [carried(own)],
      attributes: axis,
    });
    if (biases === null) return [carried(own)];
    const products = Float32Array.from(integers.scales, (each) => each * scale.scale);
    const name = `${result}_bias`;
    const bias32 = this.add(`${name}_32`, "int32", [outputs], integerBias(biases, scale, integers.scales));
    const biasScales = this.add(`${name}_scale`, "float32", [outputs], products);
    this.nodes.push({
      type: "DequantizeLinear",
      inputs: [bias32, biasScales],
      outputs: [carried(name)],
      attributes: axis,
    });
    return [carried(own), carried(name)];
  }

  private add(
    name: string,
    dtype: Initializer["dtype"],
    shape: readonly number[],
    values: Float32Array | Int8Array | Uint8Array | Int32Array,
  ): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    this.initializers.set(name, { name, dtype, shape, bytes });
    return name;
  }
}

/** The name of a tensor after it went through 8 bits. */
const carried = (name: string): string => `${name}_carried`;

const floatsOf = ({ bytes }: Initializer): Float32Array =>
  new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
