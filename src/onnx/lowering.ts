/** From a traced computation to an ONNX graph: each operator has its form in `operators/`. */
import { ArcletError } from "../foundation/errors.ts";
import type { AnyTrace } from "./any-batch.ts";
import { BatchZeros, Call } from "./call.ts";
import { type Graph, GraphBuilder } from "./graph.ts";
import { forms } from "./operators/registry.ts";

/**
 * @param name of the graph
 * @param input its input's name
 * @param where for messages
 * @throws ArcletError for an operator that has no form here, or one with arguments that ONNX has no word for
 */
export function graphOf(where: string, name: string, input: string, trace: AnyTrace): Graph {
  const builder = new GraphBuilder(name);
  const names = new Map<number, string>([[trace.input.id, input]]);
  builder.graph.inputs.push({ name: input, dtype: trace.input.dtype, shape: trace.input.shape });
  const batch = new BatchZeros(builder, input, trace.input.shape.length);
  for (const step of trace.steps) {
    const form = forms.get(step.operator);
    if (form === undefined)
      throw new ArcletError({
        where,
        code: "unsupported",
        problem: `${step.operator} has no ONNX form yet`,
        fix: "add one in src/onnx/operators",
      });
    const made = form(new Call(where, builder, step, names, batch));
    for (const [k, own] of [made].flat().entries())
      if (step.results[k] !== undefined) names.set(step.results[k].id, own);
  }
  for (const [output, value] of Object.entries(trace.outputs)) {
    const node = { type: "Identity", inputs: [names.get(value.id)!], outputs: [output], attributes: {} };
    builder.graph.nodes.push(node);
    builder.graph.outputs.push({ name: output, dtype: value.dtype, shape: value.shape });
  }
  return builder.graph;
}
