/** Batches from several sources in stated parts. */
import { refuse } from "../foundation/errors.ts";
import type { Drawer, Sampler } from "./sampler.ts";

/** Draws after which the sources come in the same order again; parts are kept to one in so many. */
const CYCLE = 1000;

/**
 * Each draw takes the source that is furthest behind its part, and that source's next row: every batch holds the parts to
 * within a row or so, and over a thousand draws they are exact. The `n`-th draw is a function of `n` alone.
 */
export class MixedSampler implements Sampler {
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  private readonly sources: readonly Drawer[];
  /** For each draw of a cycle: its source, and how many draws that source had before it in the cycle. */
  private readonly cycle: readonly (readonly [source: number, before: number])[];
  /** Draws of each source in a cycle. */
  private readonly perCycle: readonly number[];

  /**
   * @param parts of each source, sum 1
   * @param rows of all sources together: an epoch is as many draws
   */
  constructor(sources: readonly Drawer[], parts: readonly number[], batchSize: number, rows: number) {
    const sum = parts.reduce((a, b) => a + b, 0);
    if (parts.length !== sources.length || Math.abs(sum - 1) > 1e-6)
      refuse("sampler", "parts", `${sources.length} shares with sum 1`, parts);
    this.sources = sources;
    this.batchSize = batchSize;
    this.batchesPerEpoch = Math.ceil(rows / batchSize);
    const counts = parts.map(() => 0);
    this.cycle = Array.from({ length: CYCLE }, (_, n) => {
      let source = 0;
      for (const k of parts.keys())
        if (parts[k]! * (n + 1) - counts[k]! > parts[source]! * (n + 1) - counts[source]! + 1e-9) source = k;
      return [source, counts[source]!++] as const;
    });
    this.perCycle = counts;
  }

  at(step: number): Int32Array {
    return Int32Array.from({ length: this.batchSize }, (_, i) => {
      const n = step * this.batchSize + i;
      const [source, before] = this.cycle[n % CYCLE]!;
      return this.sources[source]!.draw(Math.floor(n / CYCLE) * this.perCycle[source]! + before);
    });
  }
}
