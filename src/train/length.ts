/**
 * How many images a training from nothing should see. On real CFHTLS the equivariant network's AUROC against look-alikes was
 * 0.66 after 30,000 images, 0.76 after 300,000 and 0.79 after 1,000,000 (docs/results/length.md).
 */
import type { Phase } from "../adapt/method.ts";

/** Images seen below which a training is called short. */
const SHORT_BELOW = 300_000;

export interface LengthOf {
  /** The first phase, with the epochs and steps that it will have. */
  phase: Pick<Phase, "batch"> & { epochs: number; stepsPerEpoch: number };
  /** Whether the encoder has learned before: from a run, a finder or a file of weights. */
  begun: boolean;
}

/** What to say of a short training on the source; null where there is nothing to say. */
export function shortText({ phase, begun }: LengthOf): string | null {
  const { epochs, stepsPerEpoch } = phase;
  const perEpoch = stepsPerEpoch * phase.batch.source;
  const seen = perEpoch * epochs;
  if (begun || phase.batch.target > 0 || seen >= SHORT_BELOW) return null;
  const enough = Math.ceil(SHORT_BELOW / perEpoch);
  const count = (n: number) => n.toLocaleString("en");
  return (
    `length: the network begins untrained and sees ${count(seen)} images; on real sky ${count(SHORT_BELOW)} and more did ` +
    `much better (docs/results/length.md): --epochs ${enough}, or --from a finder (arclet finders)`
  );
}
