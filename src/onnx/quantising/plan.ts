/**
 * Which tensors of a graph are carried in 8 bits: what goes into convolutions and comes out of them, and what poolings, sums and
 * joins make of such tensors. The rest (preprocessing, means, head, calibration) stays as it is.
 */
import type { Graph, Node } from "../graph.ts";

export interface QuantisingPlan {
  /** Tensors to observe and carry in 8 bits. */
  tensors: ReadonlySet<string>;
  /** Convolutions whose weights become integers. */
  convolutions: readonly Node[];
  /** Tensors that must have the scale of another: a maximum's. */
  sameAs: ReadonlyMap<string, string>;
  /**
   * Sums that further sums and the mean take in float32: what a residual network carries past its convolutions. In 8 bits it is
   * rounded again in every block, and a block may add less to it than one step.
   */
  sums: ReadonlySet<string>;
}

/**
 * @param kept how many of the first convolutions stay as they are: rounding is worst where few channels carry all
 * @param floatSums whether sums that go into further sums do so in float32
 */
export function planOf({ nodes, initializers, outputs }: Graph, kept = 0, floatSums = false): QuantisingPlan {
  const consumers = new Map<string, Node[]>();
  for (const node of nodes)
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  const ends = new Set(outputs.map(({ name }) => name));
  /** The node's result, or what a ReLU alone makes of it: the two are one operator in 8 bits. */
  const resultOf = ({ outputs: [own] }: Node): string => {
    const after = consumers.get(own!) ?? [];
    return after.length === 1 && after[0]!.type === "Relu" && !ends.has(own!) ? after[0]!.outputs[0]! : own!;
  };
  const tensors = new Set<string>();
  const sameAs = new Map<string, string>();
  const convolutions = nodes
    .filter(({ type, inputs }) => type === "Conv" && initializers.has(inputs[1]!))
    .slice(kept);
  for (const { inputs } of convolutions) tensors.add(inputs[0]!);
  for (const node of nodes) {
    const known = () => node.inputs.filter((name) => name !== "").every((name) => tensors.has(name));
    if (convolutions.includes(node)) tensors.add(resultOf(node));
    else if (node.type === "MaxPool" && known()) {
      tensors.add(node.outputs[0]!);
      sameAs.set(node.outputs[0]!, node.inputs[0]!);
    } else if (["AveragePool", "Concat"].includes(node.type) && known()) tensors.add(node.outputs[0]!);
    else if (node.type === "Add" && known()) tensors.add(resultOf(node));
  }
  const added = floatSums ? nodes.filter(({ type }) => type === "Add").map(resultOf) : [];
  const sums = new Set(added.filter((name) => tensors.has(name)));
  return { tensors, convolutions, sameAs, sums };
}
