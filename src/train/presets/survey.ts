/**
 * The preset `survey`: what did best on real sky (docs/results/real-sky.md), settings chosen on simulated surveys. A short
 * adaptation of a network that has learned the source; batch norm as suits the encoder.
 */

/** Settings by train's keys, nested as in its values. */
export type Values = Readonly<Record<string, unknown>>;

/** Training on the source, and the head. */
export const SURVEY_SHARED: Values = {
  epochs: 7,
  batch: 128,
  lr: 2e-3,
  warmup: 0.5,
  weightDecay: 1e-2,
  // EfficientNet's own momentum of 0.01 is for runs a hundred times as long.
  normMomentum: 0.1,
  head: { dropout: 0.2 },
};

/** Steps per epoch of adaptation, when no setting says how many. */
export const SURVEY_ADAPT_STEPS = 40;

/** The share of lenses that a finder expects when no setting says it: one in a hundred. */
export const SURVEY_PREVALENCE = 0.01;

const joint = { sourceFirst: true, epochs: 2, batch: 64, lr: 1e-4, batchNorm: "together" };

const BY_METHOD: Readonly<Record<string, Values>> = {
  adamatch: {
    sourceFirst: true,
    epochs: 2,
    batch: 64,
    uratio: 1,
    lr: 3e-4,
    optimizer: "adamw",
    window: 8,
    average: 0.98,
  },
  adda: {
    epochs: 2,
    batch: 64,
    lr: 3e-5,
    discriminatorLr: 1e-3,
    batchNorm: "target",
    sourceAnchor: 1,
    warmup: 0,
  },
  "self-ensembling": {
    sourceFirst: true,
    epochs: 2,
    batch: 64,
    lr: 3e-4,
    confidence: 0.7,
    alpha: 0.95,
    batchNorm: "target",
  },
  dann: joint,
  cdan: joint,
  dan: joint,
  coral: joint,
  wdgrl: joint,
  mcc: joint,
};

/** Batch norm of both domains together suits deep convolutional networks, the target's statistics the equivariant one. */
const equivariantJoint = { batchNorm: "target" };

const BY_ENCODER: Readonly<Record<string, Readonly<Record<string, Values>>>> = {
  resnet34d: {
    adamatch: { lr: 1e-3 },
    adda: { batchNorm: "source" },
    "self-ensembling": { batchNorm: "source" },
  },
  equivariant: {
    adamatch: { lr: 1e-3 },
    adda: { batchNorm: "source" },
    "self-ensembling": { lr: 1e-3 },
    dann: equivariantJoint,
    cdan: equivariantJoint,
    dan: equivariantJoint,
    coral: equivariantJoint,
    wdgrl: equivariantJoint,
    mcc: equivariantJoint,
  },
};

/** A method's own settings with that encoder; a method that the evidence doesn't cover keeps its own defaults. */
export const surveySettings = (method: string, encoder: string): Values => ({
  ...BY_METHOD[method],
  ...BY_ENCODER[encoder]?.[method],
});
