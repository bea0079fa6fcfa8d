/** How long a comparison will take: from the datasets' sizes, and each network's speed on this machine. */
import type { Origin } from "../../foundation/config.ts";
import type { TrainConfig } from "../config.ts";
import { deviceOf } from "../predict.ts";
import { openSession, type Session } from "../session.ts";
import { stepsPerEpochOf } from "../steps.ts";
import { timeNetwork, worthTiming } from "../timing.ts";
import type { PlannedRun } from "./plan.ts";

export interface RunEstimate {
  /** Images that are trained on, and images that validators use, in all epochs together. */
  trained: number;
  validated: number;
  device: string;
  /** On all cores or the whole GPU, with nothing else running. Methods that pass images through a network twice take longer. */
  seconds: number;
}

/** Images of a timed batch on the CPU; a GPU, which takes about as long for few as for many, gets those of a step. */
const TIMED_BATCH = 16;
/** Seconds of each timing: in each precision, of training and of scoring. */
const TIMED_SECONDS = 0.2;

/**
 * Estimates each run. Runs that differ in their seed alone take the same time; an encoder is timed once.
 *
 * @returns the estimates by the run's name
 * @throws ArcletError as training would for datasets that don't fit
 */
export async function estimate(runs: readonly PlannedRun[]): Promise<Map<string, RunEstimate>> {
  const estimates = new Map<string, RunEstimate>();
  const known = new Map<string, RunEstimate>();
  const speeds = new Map<string, Speed>();
  for (const run of runs) {
    const key = JSON.stringify([run.encoder, run.row]);
    const estimated = known.get(key) ?? (await estimateRun(run, speeds));
    known.set(key, estimated);
    estimates.set(run.name, estimated);
  }
  return estimates;
}

async function estimateRun(
  { config, origin, encoder, from }: PlannedRun,
  speeds: Map<string, Speed>,
): Promise<RunEstimate> {
  const speed = speeds.get(encoder) ?? (await inSession(config, origin, from !== null, speedOf));
  speeds.set(encoder, speed);
  // The number of steps doesn't depend on the network, and a small one is quick to build.
  const small = { ...config, encoder: "cnn" };
  const { trained, validated } = await inSession(small, origin, from !== null, workOf);
  const { device } = speed;
  return { trained, validated, device, seconds: trained * speed.train + validated * speed.score };
}

/** Opens the run's session without its start, which may not be trained yet. */
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

function workOf({ config, data, trainer, feed, selection: { rows } }: Session) {
  let [trained, epochs] = [0, 0];
  for (const [k, phase] of trainer.phases.entries()) {
    const { source, target, graded = 0 } = phase.batch;
    trained += phase.epochs * stepsPerEpochOf(config, phase, feed.onePass(k)) * (source + target + graded);
    epochs += phase.epochs;
  }
  const held = data.graded?.held?.count ?? 0;
  return { trained, validated: epochs * (rows.source.length + rows.target.length + held) };
}

/** Seconds per image, in the requested precision, else in the faster one. */
interface Speed {
  device: string;
  train: number;
  score: number;
}

function speedOf({ start: { network, blueprint }, config }: Session): Speed {
  const [channels, height, width] = blueprint.shape;
  const { precision, batch } = config;
  const device = deviceOf(network);
  const images = device === "cpu" ? TIMED_BATCH : batch;
  // Scores are in float32.
  const timed = precision === "bfloat16" ? (["float32", "bfloat16"] as const) : worthTiming(device);
  const { train, score } = timeNetwork(network, [images, channels, height, width], TIMED_SECONDS, timed);
  return {
    device,
    train: (precision === "auto" ? Math.min(train.float32, train.bfloat16) : train[precision]) / images,
    score: score.float32 / images,
  };
}
