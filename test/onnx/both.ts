/** A computation by libtorch, and its graph by ONNX Runtime. */
import { expect } from "vitest";
import { traceOfAnyBatch } from "../../src/onnx/any-batch.ts";
import type { Graph } from "../../src/onnx/graph.ts";
import { graphOf } from "../../src/onnx/lowering.ts";
import { onnxBytes } from "../../src/onnx/protobuf.ts";
import { hasRuntime, OnnxSession } from "../../src/onnx/runtime.ts";
import { noGrad } from "../../src/torch/autograd.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

/** Whether there is an ONNX Runtime to compare with; it is optional. */
export const runtime = await hasRuntime();

type Body = (x: Tensor) => Record<string, Tensor>;

const normal = (seed: number, shape: readonly number[]) => tidy(() => new Generator(seed).normal([...shape]));

/** The graph of a computation on images of a shape. */
const graphOfBody = (shape: readonly number[], body: Body): Graph =>
  noGrad(() =>
    graphOf(
      "test",
      "test",
      "images",
      traceOfAnyBatch("test", (n) => normal(n, [n, ...shape]), body),
    ),
  );

const bytesOf = (graph: Graph): Uint8Array =>
  onnxBytes(graph, { name: "arclet", version: "0", description: "" }, {});

/**
 * Runs both on a batch that is not one of those it was written down from, and compares.
 *
 * @param scale of the images' values
 * @returns the graph
 */
export async function expectSame(
  shape: readonly number[],
  body: Body,
  { tolerance = 1e-5, scale = 1 }: { tolerance?: number; scale?: number } = {},
): Promise<Graph> {
  const graph = graphOfBody(shape, body);
  const session = await OnnxSession.open("test", bytesOf(graph), 1);
  try {
    const images = normal(9, [5, ...shape]);
    const scaled = images.mul(scale);
    const data = scaled.data() as Float32Array;
    const made = await session.run({ data, shape: [5, ...shape] });
    const expected = noGrad(() =>
      tidy(() =>
        Object.entries(body(scaled)).map(([name, value]) => ({
          name,
          shape: [...value.shape],
          values: value.to("float32").contiguous().numbers(),
        })),
      ),
    );
    images.dispose();
    scaled.dispose();
    for (const { name, shape: sizes, values } of expected) {
      expect(made[name]!.shape, name).toEqual(sizes);
      const top = Math.max(1, ...values.map(Math.abs));
      const off = values.map((value, i) => Math.abs(Number(made[name]!.data[i]) - value) / top);
      expect(Math.max(...off), name).toBeLessThan(tolerance);
    }
    return graph;
  } finally {
    await session.close();
  }
}
