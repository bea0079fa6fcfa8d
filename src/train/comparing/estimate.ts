/** How long a comparison takes, before it runs: steps by the datasets' sizes, and each network's speed on this machine. */
import { openSession } from "../session.ts";
import { timeNetwork } from "../timing.ts";
import type { PlannedRun } from "./plan.ts";

export interface Estimated {
  /** Images that are trained on, and that validators look at. */
  trained: number;
  validated: number;
  /** On all cores, if nothing else runs. A method that passes images through its network twice takes longer. */
  seconds: number;
}

/** Timed for so long, in seconds, in each precision, training and scoring. */
const TIMED = 0.2;

/**
 * Estimates runs. Runs that differ by their seed alone take the same time; an encoder is timed once.
 *
 * @returns by a run's name
 * @throws ArcletError as training would for datasets that don't fit
 */
export async function estimate(runs: readonly PlannedRun[]): Promise<Map<string, Estimated>> {
  const found = new Map<string, Estimated>();
  const known = new Map<string, Estimated>();
  const speeds = new Map<string, { train: number; score: number }>();
  for (const run of runs) {
    const key = JSON.stringify([run.encoder, run.row]);
    const made = known.get(key) ?? (await estimateOne(run, speeds));
    known.set(key, made);
    found.set(run.name, made);
  }
  return found;
}

async function estimateOne(
  { config, origin, encoder, from }: PlannedRun,
  speeds: Map<string, { train: number; score: number }>,
): Promise<Estimated> {
  // The start need not be there yet: what a fresh run does first falls away.
  const session = await openSession({ ...config, from: null, priorFrom: null, weights: null }, origin);
  try {
    const { trainer, feed, validation, blueprint, network } = session;
    let [trained, epochs] = [0, 0];
    for (const [k, phase] of trainer.phases.entries()) {
      if (from !== null && !phase.selectable) continue;
      const { source, target } = phase.batch;
      trained += phase.epochs * (config.stepsPerEpoch ?? feed.stepsPerEpoch(k)) * (source + target);
      epochs += phase.epochs;
    }
    const validated = epochs * (validation.source.length + validation.target.length);
    const [channels, height, width] = blueprint.shape;
    const speed = speeds.get(encoder) ?? speedOf(network, [config.batch, channels, height, width]);
    speeds.set(encoder, speed);
    return { trained, validated, seconds: trained * speed.train + validated * speed.score };
  } finally {
    session.dispose();
  }
}

/** Seconds an image, in the faster precision. */
function speedOf(
  network: Parameters<typeof timeNetwork>[0],
  shape: Parameters<typeof timeNetwork>[1],
): { train: number; score: number } {
  const { train, score } = timeNetwork(network, shape, TIMED);
  return { train: Math.min(train.float32, train.bfloat16) / shape[0], score: score.float32 / shape[0] };
}
