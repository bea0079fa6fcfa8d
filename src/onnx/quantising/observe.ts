/** What values tensors of a graph have on given images. */

import type { Graph } from "../graph.ts";
import { onnxBytes } from "../protobuf.ts";
import { type Floats, OnnxSession } from "../runtime.ts";
import type { Histogram } from "./scale.ts";

const BINS = 2048;

/**
 * Histograms of tensors, in two passes: their ends, then their bins.
 *
 * @param batches the images, in parts; called twice
 * @param tick called after each part with its number of images
 */
export async function observed(
  where: string,
  graph: Graph,
  tensors: ReadonlySet<string>,
  batches: () => Iterable<Floats>,
  tick: (images: number) => Promise<void>,
): Promise<ReadonlyMap<string, Histogram>> {
  const input = new Set(graph.inputs.map(({ name }) => name));
  const added = [...tensors].filter((name) => !input.has(name));
  const outputs = added.map((name) => ({ name, dtype: "float32" as const, shape: null }));
  const about = { name: "arclet", version: "", description: "" };
  const bytes = onnxBytes({ ...graph, outputs }, about, {});
  const session = await OnnxSession.open(where, bytes);
  const ends = new Map<string, { low: number; high: number }>();
  const counts = new Map<string, Float64Array>();
  try {
    for (const take of [takeEnds, takeCounts])
      for (const images of batches()) {
        const made = await session.run(images);
        for (const name of tensors)
          take(name, input.has(name) ? images.data : made[name]!.data, ends, counts);
        await tick(images.shape[0]!);
      }
  } finally {
    await session.close();
  }
  return new Map([...ends].map(([name, own]) => [name, { ...own, counts: counts.get(name)! }]));
}

type Ends = Map<string, { low: number; high: number }>;
type Counts = Map<string, Float64Array>;

function takeEnds(name: string, values: Float32Array, ends: Ends): void {
  let { low, high } = ends.get(name) ?? { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  ends.set(name, { low, high });
}

function takeCounts(name: string, values: Float32Array, ends: Ends, counts: Counts): void {
  const { low, high } = ends.get(name)!;
  const own = counts.get(name) ?? new Float64Array(BINS);
  const bins = high > low ? BINS / (high - low) : 0;
  for (const value of values) own[Math.min(BINS - 1, Math.floor((value - low) * bins))]! += 1;
  counts.set(name, own);
}
