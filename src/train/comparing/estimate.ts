/** How long a comparison takes, before it runs: steps by the datasets' sizes, and each network's speed on this machine. */
import type { Origin } from "../../foundation/config.ts";
import type { TrainConfig } from "../config.ts";
import { openSession, type Session } from "../session.ts";
import { timeNetwork } from "../timing.ts";
import type { PlannedRun } from "./plan.ts";

export interface Estimated {
  /** Images that are trained on, and that validators look at. */
  trained: number;
  validated: number;
  /** On all cores, if nothing else runs. A method that passes images through its network twice takes longer. */
  seconds: number;
}

/** Timed on so many images, for so long, in seconds, in each precision, training and scoring. */
const TIMED_BATCH = 16;
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
  const speeds = new Map<string, Speed>();
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
  speeds: Map<string, Speed>,
): Promise<Estimated> {
  const speed = speeds.get(encoder) ?? (await inSession(config, origin, from !== null, speedOf));
  speeds.set(encoder, speed);
  // Steps don't depend on the network, and a small one is built at once.
  const small = { ...config, encoder: "cnn" };
  const { trained, validated } = await inSession(small, origin, from !== null, workOf);
  return { trained, validated, seconds: trained * speed.train + validated * speed.score };
}

/** The start need not be there yet. */
async function inSession<T>(
  config: TrainConfig,
  origin: Record<string, Origin>,
  assumeStart: boolean,
  body: (session: Session) => T,
): Promise<T> {
  const alone = { ...config, from: null, priorFrom: null, weights: null };
  const session = await openSession(alone, origin, { assumeStart });
  try {
    return body(session);
  } finally {
    session.dispose();
  }
}

function workOf({ config, trainer, feed, validation }: Session) {
  let [trained, epochs] = [0, 0];
  for (const [k, phase] of trainer.phases.entries()) {
    const { source, target } = phase.batch;
    trained += phase.epochs * (config.stepsPerEpoch ?? feed.stepsPerEpoch(k)) * (source + target);
    epochs += phase.epochs;
  }
  return { trained, validated: epochs * (validation.source.length + validation.target.length) };
}

/** Seconds an image, in the faster precision. */
interface Speed {
  train: number;
  score: number;
}

function speedOf({ network, blueprint }: Session): Speed {
  const [channels, height, width] = blueprint.shape;
  const { train, score } = timeNetwork(network, [TIMED_BATCH, channels, height, width], TIMED);
  return {
    train: Math.min(train.float32, train.bfloat16) / TIMED_BATCH,
    score: score.float32 / TIMED_BATCH,
  };
}
