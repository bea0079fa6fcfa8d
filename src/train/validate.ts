/** Validation after an epoch: every validator that applies, on held-out source rows, unlabelled target rows and held graded ones. */
import { macroAuroc } from "../adapt/validators/auroc.ts";
import { validators } from "../adapt/validators/registry.ts";
import type { ValidatorInput } from "../adapt/validators/validator.ts";
import { MixedDataset } from "../dataset/mixed.ts";
import type { Network } from "../nn/network.ts";
import { tensor } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { mixedTensor, predictMixed } from "./mixed-images.ts";
import { ORACLE } from "./oracle.ts";
import { type Outputs, outputTensors, predictOutputs } from "./predict.ts";
import type { Session } from "./session.ts";
import type { Outlook } from "./watch.ts";

export interface Validation {
  /** By validator, and the oracle's if it reads labels; empty for predictions that are not finite. */
  scores: Record<string, number>;
  /** `source-auroc` of each source of a mixed one whose rows are of several classes. */
  sources: Record<string, number>;
  /** Whether all predictions are finite. */
  finite: boolean;
  /** Summary of the predictions on the target; null without one. */
  outlook: Outlook | null;
}

/**
 * Scores a network by all validators. Its predictions are those of the finished model: in float32, in eval mode.
 *
 * @param saved as in `safePoint`
 * @throws Interrupted when the user stops it
 */
export async function validate(session: Session, network: Network, saved: string): Promise<Validation> {
  const { data, selection } = session;
  const { source, target } = data;
  const held = data.graded?.held ?? null;
  const { preprocessing } = session.start.blueprint;
  const ofSource = await predictOutputs(network, preprocessing, source, selection.rows.source, saved);
  const ofTarget =
    target && (await predictOutputs(network, preprocessing, target, selection.rows.target, saved));
  const ofHeld = held && (await predictOutputs(network, preprocessing, held, held.all, saved));
  // A validator compares, sorts or decomposes: what it does with NaN is not its business.
  if (![ofSource, ofTarget, ofHeld].every((outputs) => outputs === null || areFinite(outputs)))
    return { scores: {}, sources: {}, finite: false, outlook: null };
  const ofMixed =
    target &&
    ofTarget &&
    (await predictMixed(network, preprocessing, target, selection.rows.target, ofTarget.logits, saved));
  const truth = await selection.oracle?.score(network, preprocessing, saved);
  return tidy(() => {
    const onSource = outputTensors(ofSource);
    const onTarget = ofTarget && outputTensors(ofTarget);
    const labels = tensor(BigInt64Array.from(source.labels(selection.rows.source), BigInt)); // (N)
    const none: Tensor = tensor([]);
    const input: ValidatorInput = {
      sourceLogits: onSource.logits,
      sourceFeatures: onSource.features,
      sourceLabels: labels,
      targetLogits: onTarget?.logits ?? none,
      targetFeatures: onTarget?.features ?? none,
      mixedLogits: onTarget && ofMixed ? mixedTensor(onTarget.logits, ofMixed) : none,
      gradedLogits: ofHeld ? outputTensors(ofHeld).logits : none,
      gradedLabels: held ? held.labels(held.all) : none,
      prior: selection.prior,
    };
    const usable = validators.list.filter(
      ({ needsTarget, needsGraded }) => (target !== null || !needsTarget) && (held !== null || !needsGraded),
    );
    const scores = Object.fromEntries(usable.map((validator) => [validator.name, validator.score(input)]));
    if (truth !== undefined) scores[ORACLE] = truth;
    const sources = bySource(session, onSource.logits, labels);
    return { scores, sources, finite: true, outlook: onTarget && outlookOn(onTarget.logits) };
  });
}

/** AUROC of each source's own val rows. logits (N, K), labels (N) */
function bySource(
  { data: { source, sources }, selection }: Session,
  logits: Tensor,
  labels: Tensor,
): Record<string, number> {
  if (!(source instanceof MixedDataset)) return {};
  const rows = [...selection.rows.source.entries()];
  const scores = sources.flatMap(({ folder }, k): [string, number][] => {
    const own = rows.filter(([, row]) => source.sourceOf(row) === k).map(([i]) => i);
    const classes = labels.numbers();
    if (new Set(own.map((i) => classes[i])).size < 2) return [];
    const taken = tensor(BigInt64Array.from(own, BigInt));
    return [[folder, macroAuroc(logits.indexSelect(0, taken), labels.indexSelect(0, taken))]];
  });
  return Object.fromEntries(scores);
}

const areFinite = ({ logits, features }: Outputs): boolean =>
  logits.every(Number.isFinite) && features.every(Number.isFinite);

/** logits (M, K) */
function outlookOn(logits: Tensor): Outlook {
  const [images, classes] = logits.shape as [number, number];
  const p = logits.softmax(1);
  const predicted = p.argmax(1).numbers();
  return {
    images,
    predicted: Array.from(
      { length: classes },
      (_, k) => predicted.filter((classIndex) => classIndex === k).length / images,
    ),
    spread: p.var(0, 0).sqrt().numbers(),
  };
}
